// What an export says of itself in words: what is in it, what is not, and how to check all of it without Enact.
import { EXPORT_TYPE } from './export_manifest.ts'
import type { ExportState } from './export_state.ts'
import type { SeqRange } from './erasure.ts'
import { CHAIN_START, chainAfter } from './ledger.ts'
import { timeText } from './plain.ts'
import type { Hash } from './ports.ts'
import { RECEIPT_TYPE } from './receipt.ts'

/** `gaps.json`: which entries of the ledger are here, and which are not. */
export function gapsText(state: ExportState, hash: Hash): string {
  const { order, range, start, last, first_time, last_time, receipts, erased, unreadable } = state
  const entries = range!.end - range!.first
  return `${JSON.stringify(
    {
      team_id: order.team_id,
      period: { from: timeText(order.from), to: timeText(order.to) },
      statement: statementOf(state),
      range: entries === 0 ? null : { first_seq: range!.first, last_seq: range!.end - 1 },
      entries,
      receipts,
      missing: [],
      erased: erased,
      unreadable,
      chain: {
        start: entries === 0 ? null : (start ?? CHAIN_START),
        end: entries === 0 ? null : chainAfter(last, hash)
      },
      first_time,
      last_time
    },
    null,
    2
  )}\n`
}

function statementOf({ range, erased, unreadable }: ExportState): string {
  const entries = range!.end - range!.first
  if (entries === 0) return 'The ledger got no entry in this period.'
  const whole = `Entries ${range!.first} to ${range!.end - 1} of the ledger, ${entries} without a gap: every place is here.`
  const gone =
    erased.length === 0
      ? 'No receipt among them was erased.'
      : `The receipts of ${listed(erased)} were erased; who did it and why is in the receipts that erased.ndjson names.`
  const bad =
    unreadable.length === 0
      ? ''
      : ` The ledger cannot show the receipts of ${listed(unreadable)} as they were appended, and no receipt says that they were erased: this is damage.`
  return `${whole} ${gone}${bad}`
}

function listed(ranges: readonly SeqRange[]): string {
  const shown = ranges.slice(0, 20).map(([first, last]) => (first === last ? `entry ${first}` : `entries ${first} to ${last}`))
  return shown.join(', ') + (ranges.length > 20 ? ` and ${ranges.length - 20} more ranges` : '')
}

/** `README.md`. */
export function exportReadme({ order, range, head }: ExportState): string {
  return `# Compliance export of team \`${order.team_id}\`

Period: ${timeText(order.from)} (included) to ${timeText(order.to)} (not included). Which entries of the ledger that is, and what is missing: \`gaps.json\`.
The range is one piece of the ledger: it begins at the first receipt of the period and ends with the last, so it may hold a few whose own time is just outside.

| file | what it is |
|---|---|
| \`receipts/*.ndjson\` | one receipt a line, in the order of the ledger: a DSSE envelope (payload type \`${RECEIPT_TYPE}\`, base64 of the exact signed bytes, signatures) with its place in the ledger |
| \`erased.ndjson\` | entries whose receipt was erased: place, run id, when, and the receipt that says so (\`erased_by\`) |
| \`erasures.ndjson\`, \`erasures_proofs.ndjson\` | those receipts of erasures that are not in the period, and their proofs (only where there are some) |
| \`proofs.ndjson\` | for every entry, erased or not, the RFC 6962 inclusion proof in the tree of ${range!.tree_size} entries |
| \`checkpoints.ndjson\` | signed tree heads (C2SP signed notes): those that concern the period, and the newest (${head} entries) |
| \`consistency.ndjson\` | RFC 6962 proofs that each checkpoint's tree is the beginning of the next one's |
| \`keys.json\` | the team's public Ed25519 keys (JWKS), all generations |
| \`summary.csv\` | one line a receipt, safe to open in a spreadsheet |
| \`gaps.json\` | the range, what is missing from it, chain values, first and last time |
| \`mappings/\` | where which requirement finds its evidence, and what this export does not cover |
| \`MANIFEST.json\`, \`MANIFEST.dsse.json\` | size and SHA-256 of every other file; the same, signed with the team's key |

## Verify with Enact, offline

    npx enact receipts verify <this file>.zip --keys enact-keys.json

\`enact-keys.json\` is what the installation publishes at \`/.well-known/enact-keys.json?team=${order.team_id}\`: fetch it yourself, at another time or by another way
than this file. Without \`--keys\` the keys in here are used: that shows that nothing was changed since it was signed, not who signed it.

## Verify without Enact

1. **Manifest.** Decode \`payload\` of \`MANIFEST.dsse.json\`: it must be \`MANIFEST.json\`, byte for byte. Its Ed25519 signature is over
   \`DSSEv1 ${EXPORT_TYPE.length} ${EXPORT_TYPE} <length> <payload>\` (DSSE pre-authentication encoding), with the key of \`keyid\`.
   Then every file must have the size and SHA-256 that the manifest says, and there must be no other file.
2. **Receipts.** For each line: the Ed25519 signature is over \`DSSEv1 ${RECEIPT_TYPE.length} ${RECEIPT_TYPE} <length> <payload>\`. The HMAC-SHA256 beside it is
   for the installation itself; nobody else can check it.
3. **Leaves.** \`ledger.leaf\` = SHA-256(0x00 ‖ those bytes), lower-case hex.
4. **Chain.** In the order of \`seq\`, erased entries included, \`prev\` of an entry = SHA-256(prev ‖ leaf) of the one before (bytes, not hex); entry 0 has 32 zero bytes.
   \`chain.start\` and \`chain.end\` in \`gaps.json\` are the first \`prev\` and what the next entry must carry.
5. **Proofs.** RFC 6962 section 2.1.1: from leaf and path to the root that the checkpoint with this \`tree_size\` states in its third line (base64).
6. **Checkpoints.** A note is text, an empty line and \`— <name> <base64>\`: four bytes of key hash, then the Ed25519 signature over the text. Consistency: RFC 6962 section 2.1.2.
   Compare the newest with one that you kept, or that anybody else did: \`/checkpoints/latest?team=${order.team_id}\` is public.
7. **Erased.** For each line of \`erased.ndjson\`, the receipt \`erased_by\` (in \`receipts/\` or \`erasures.ndjson\`) must list its \`seq\` in \`payload.erased\`.

Steps 1 to 4 in Python, with the package \`cryptography\`:

    import base64, glob, hashlib, json
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    b64u = lambda t: base64.urlsafe_b64decode(t + '=' * (-len(t) % 4))
    keys = {k['kid']: Ed25519PublicKey.from_public_bytes(b64u(k['x'])) for k in json.load(open('keys.json'))['keys']}
    def opened(e):
        body = base64.b64decode(e['payload'])
        pae = f"DSSEv1 {len(e['payloadType'])} {e['payloadType']} {len(body)} ".encode() + body
        [sig] = [s for s in e['signatures'] if s['alg'] == 'Ed25519']
        keys[sig['keyid']].verify(base64.b64decode(sig['sig']), pae)
        return body, pae
    assert opened(json.load(open('MANIFEST.dsse.json')))[0] == open('MANIFEST.json', 'rb').read()
    for f in json.load(open('MANIFEST.json'))['files']:
        assert hashlib.sha256(open(f['name'], 'rb').read()).hexdigest() == f['sha256'], f['name']
    places = [json.loads(line) for line in open('erased.ndjson')]
    for line in (line for name in glob.glob('receipts/*') for line in open(name)):
        envelope = json.loads(line)
        assert hashlib.sha256(b'\\0' + opened(envelope)[1]).hexdigest() == envelope['ledger']['leaf']
        places.append(envelope['ledger'])
    places.sort(key=lambda p: p['seq'])
    for a, b in zip(places, places[1:]):
        assert b['seq'] == a['seq'] + 1
        assert hashlib.sha256(bytes.fromhex(a['prev'] + a['leaf'])).hexdigest() == b['prev']
    print(len(places), 'entries verified')
`
}
