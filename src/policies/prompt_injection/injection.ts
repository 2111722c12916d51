// Texts that try to take an agent over: a table of what they say.
import type { Json } from '../../engine/index.ts'

interface Form {
  readonly name: string
  readonly pattern: RegExp
}
const INSTRUCTIONS =
  '(?:instructions?|prompts?|directives?|rules?|guidelines?|commands?|orders?|context|constraints?|training|programming|safety)'
const EARLIER =
  '(?:previous|prior|above|earlier|preceding|existing|original|initial|former|foregoing|all|any|your|the|these|those|my|system|developer|safety|of|and|other|given|current)'

// INVARIANT (linear time): every repetition is bounded, and what follows one cannot also be read by it for long.
const FORMS: readonly Form[] = [
  form(
    'an instruction override',
    `\\b(?:ignore|disregard|forget|override|bypass|neglect|skip|dismiss|discard|drop|violate|do not follow|don'?t follow|stop following|pay no attention to) (?:${EARLIER} ){1,6}${INSTRUCTIONS}\\b`
  ),
  form(
    'an instruction override',
    '\\b(?:ignore|disregard|forget) (?:everything|all|anything|what) (?:that )?(?:(?:was|were|is|has been|have been|i|we|they|you|you were|you have been) )?(?:said |written |told |stated |given |instructed )?(?:above|before|previously|prior|so far|earlier|up to now|until now)\\b'
  ),
  form(
    'an instruction override',
    '\\b(?:your )?new (?:system )?(?:instructions?|task|objective|directives?|orders?|rules?)(?: (?:is|are|from (?:the )?(?:admin\\w*|developer|system|user|owner)))? ?:'
  ),
  form('an instruction override', '\\bfrom now on,? (?:you (?:will|must|are|shall|have to)|ignore|disregard|act|respond|answer|only)\\b'),
  form(
    'an instruction override',
    '\\b(?:instead of|rather than) (?:following |obeying )?(?:your|the) (?:original |previous |system |given )?(?:instructions|task|rules)\\b.{0,40}\\b(?:do|execute|run|send|follow|perform)\\b'
  ),
  form(
    'an instruction override',
    "\\b(?:do not|don't|never) (?:tell|inform|alert|notify|mention (?:this|it|that) to|reveal (?:this|it) to) (?:the )?(?:user|human|operator|owner|person)\\b"
  ),
  form(
    'a role hijack',
    '\\byou are (?:now|no longer|henceforth) (?:an? |the |in |my |bound |restricted |called |named |going to be |acting as |operating )?[\\w-]{2,}'
  ),
  form(
    'a role hijack',
    '\\b(?:act|behave|respond|pretend|roleplay|role-play|pose) (?:as|like|to be|as if you (?:are|were)|that you are) (?:an? |the |my )?(?:unrestricted|unfiltered|uncensored|jailbroken|evil|malicious|rogue|different|new|root|admin\\w*|superuser|hacker|dan|developer mode|another) ?(?:ai|assistant|model|agent|chatbot|bot|user|persona|system|version|llm)?\\b'
  ),
  form('a role hijack', "\\bpretend (?:that )?you(?:'re| are| have) (?:not |no |an? )?[\\w-]{2,}"),
  form(
    'a system-prompt extraction',
    "\\b(?:reveal|show|print|output|repeat|display|tell me|give me|leak|expose|share|recite|dump|write out|return|disclose|what is|what are|what's)(?: me| us| back)?(?: verbatim)? (?:your|the|its|all your|all of your) (?:full |entire |complete |exact |hidden |secret |initial |original |internal |confidential |own )?(?:system (?:prompt|message|instructions?)|initial (?:prompt|instructions?)|hidden (?:prompt|instructions?)|secret (?:prompt|instructions?)|(?:original |internal |developer )?instructions (?:verbatim|word for word|above)|prompt (?:verbatim|word for word|above))"
  ),
  form(
    'a system-prompt extraction',
    '\\brepeat (?:the |all )?(?:words|text|everything|content)(?: that (?:is|was|came))? (?:above|before this|before)\\b'
  ),
  form(
    'a fake system tag',
    '<\\/? ?(?:system|system[-_ ]?(?:prompt|message|reminder|instructions?|override)|im_start|im_end|admin|developer|assistant|human|instructions?|tool_result|function_results?|antml:[\\w]{1,30}) ?>'
  ),
  form(
    'a fake system tag',
    '<\\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|fim_\\w{1,10}|endofprompt)\\|?>'
  ),
  form('a fake system tag', '\\[\\/?(?:inst|system|sys|system (?:message|prompt|override)|admin(?:istrator)?|assistant)\\]|<<\\/?sys>>'),
  form(
    'a delimiter attack',
    '(?:^|\\n) ?(?:#{2,6}|-{3,}|={3,}|\\*{3,}|"{3}|`{3}) ?(?:end of |begin |start of |new |end )?(?:system|instructions?|prompt|system prompt|user input|user message|context|admin\\w*|override)(?: (?:prompt|message|instructions?|override|mode))? ?(?:#{2,6}|-{3,}|={3,}|\\*{3,}|:)'
  ),
  form(
    'a delimiter attack',
    '\\b(?:end of (?:the )?(?:user (?:input|message|prompt)|system prompt|instructions|context|document|data)|begin new (?:instructions|prompt|task)|(?:end|begin) system (?:prompt|message))\\b ?[.:\\n\\]>-]'
  ),
  form(
    'a delimiter attack',
    '(?:^|\\n) ?(?:system|assistant|developer|admin) ?: ?(?:you (?:are|must|will|should|have)|ignore|disregard|override|new |execute|run |the user (?:has|is)|all (?:previous|prior)|security|from now)'
  ),
  form(
    'a jailbreak phrase',
    '\\b(?:do anything now|dan mode|developer mode (?:enabled|activated|on)|enable (?:developer|dan|god|debug|admin|unrestricted|jailbreak) mode|jailbr(?:eak|oken) (?:mode|prompt|enabled)|god mode (?:enabled|activated)|without (?:any )?(?:ethical|moral|safety|content) (?:restrictions?|guidelines|limitations|constraints|filters?|policy|policies)|no (?:ethical|moral|safety|content) (?:restrictions|guidelines|limits|limitations|filters)|(?:disable|turn off|remove|bypass) (?:all |your |any |the )?(?:safety|content|ethical|security) (?:filters?|guidelines|restrictions|protocols?|measures|checks|guardrails)|bypass (?:all |your |any )?(?:restrictions|guardrails|filters)|you have been (?:freed|liberated|jailbroken|unlocked)|opposite day mode|stay in character no matter)\\b'
  )
]

function form(name: string, source: string): Form {
  return { name, pattern: new RegExp(source, 'i') }
}

/** Longer texts are looked at in pieces that overlap. */
const PIECE = 16_384
const OVERLAP = 512
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/** The form of injection in a text, with the words that show it; null for ordinary prose. */
export function findInjection(text: string): { name: string; words: string } | null {
  for (let at = 0; at === 0 || at < text.length; at += PIECE - OVERLAP) {
    const lines = normalised(text.slice(at, at + PIECE))
    // A sentence may go on in the next line.
    const prose = lines.replace(/(?<=[a-z,]) ?\n(?=[a-z])/gi, ' ')
    for (const { name, pattern } of FORMS) {
      const match = pattern.exec(name === 'a delimiter attack' ? lines : prose)
      if (match !== null) return { name, words: match[0].trim().slice(0, 80) }
    }
  }
  return null
}

/** Look-alikes, invisible letters and runs of spaces folded; line breaks kept, since delimiters begin lines. */
function normalised(text: string): string {
  const ascii = /[\u0080-\uffff]/.test(text) ? text.normalize('NFKC').replace(INVISIBLE, '') : text
  return ascii.replace(/[^\S\n]+/g, ' ').replace(/ ?\n\s*/g, '\n')
}

/** Every string of a value at any depth, with its place; keys of objects are texts too. */
export function* textsIn(value: Json | undefined, place = ''): Generator<[place: string, text: string]> {
  const rest: [string, Json | undefined][] = [[place, value]]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [at, one] = next
    if (typeof one === 'string') yield [at, one]
    else if (one !== null && typeof one === 'object')
      for (const [key, inner] of Object.entries(one)) {
        rest.push([at === '' ? key : `${at}.${key}`, inner])
        if (key.length > 12) yield [at, key]
      }
  }
}
