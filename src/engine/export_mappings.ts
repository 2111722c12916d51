// Which requirement of which framework finds which evidence in an export, and, as honestly, which does not. Nobody's certificate: a help for whoever audits.

const NOTE = `This page says where to look. It is no legal advice, no attestation, and no claim that anybody complies: whether a control works is for an auditor to say, over the
whole of the organisation. The export shows what went through Enact, and nothing of what went round it.
`

interface Row {
  readonly requirement: string
  readonly evidence: string
  readonly not_covered: string
}

function page(title: string, source: string, rows: readonly Row[], more = ''): string {
  const lines = rows.map(({ requirement, evidence, not_covered }) => `| ${requirement} | ${evidence} | ${not_covered} |`)
  return `# ${title}\n\nSource: ${source}\n\n${NOTE}\n| requirement | where in this export | not covered |\n|---|---|---|\n${lines.join('\n')}\n${more === '' ? '' : `\n${more}\n`}`
}

const SOC2 = page('SOC 2, common criteria', 'AICPA Trust Services Criteria 2017 (points of focus revised 2022), CC series', [
  {
    requirement: 'CC2.1 relevant, quality information',
    evidence: 'Signed receipts (`receipts/`), their completeness (`gaps.json`, `proofs.ndjson`, `checkpoints.ndjson`)',
    not_covered: 'Information of systems that agents reach without Enact'
  },
  {
    requirement: 'CC6.1, CC6.3 logical access, least privilege, segregation of duties',
    evidence:
      '`policy_results` of each receipt (role, clearance, allow list), `actor.api_key_id`; approvals by others than the requester (`approval.votes`)',
    not_covered: 'How people got their accounts and keys; reviews of access; access that goes round Enact'
  },
  {
    requirement: 'CC6.2 registering and removing users',
    evidence: 'Receipts `person_changed` (approvers)',
    not_covered: 'API keys: making and revoking them is not receipted; joiners and leavers of the organisation'
  },
  {
    requirement: 'CC7.2 monitoring for anomalies',
    evidence: 'Receipts with `decision` BLOCK, with reasons and policies (`summary.csv`: `policies_not_passed`)',
    not_covered: 'Monitoring of infrastructure; that somebody read the alerts'
  },
  {
    requirement: 'CC7.3, CC7.4 evaluating and responding to incidents',
    evidence: 'Rollbacks (`workflow` `rollback:…`, linked by `rollback_of`), broken locks, kill switch and freeze (`fact_changed:…`)',
    not_covered: 'The incident process itself, its tickets and communication'
  },
  {
    requirement: 'CC8.1 authorised, approved changes',
    evidence: 'Per change: request, verdicts, approval, effect, undo in one receipt; `config_digest` names the rules in force',
    not_covered: 'Design, testing and review of the change; changes of Enact’s own configuration, which is in git'
  }
])

const ISO = page('ISO/IEC 27001:2022, Annex A 8.15 Logging', 'ISO/IEC 27001:2022 A.8.15 (guidance: ISO/IEC 27002:2022, 8.15)', [
  {
    requirement: 'Logs of activities, exceptions, faults and other relevant events are produced',
    evidence: '`receipts/`: every admitted request of an agent, allowed or blocked, failed ones too (`outcome`, `error`)',
    not_covered: 'Requests refused before they were admitted (no key, malformed) have no receipt; events of other systems'
  },
  {
    requirement: 'User ids, activities, dates and times, system, success or failure',
    evidence: '`user_email`, `actor`, `workflow`, `actions_taken` with times, `decision`, `outcome`',
    not_covered: '`user_email` is what the agent’s key claims unless the key is bound to a user; network addresses'
  },
  { requirement: 'Stored', evidence: '`gaps.json`: the range without a gap, and what retention erased', not_covered: 'Back-ups' },
  {
    requirement: 'Protected against change and deletion',
    evidence: 'Two signatures a receipt, hash chain, Merkle tree, signed checkpoints; receipts of erasures stay for ever',
    not_covered:
      'Whoever holds ENACT_SECRET can sign a new history: only checkpoints kept by others show that. An administrator can erase receipts; that is shown, not prevented'
  },
  { requirement: 'Analysed', evidence: '`summary.csv` as a start', not_covered: 'The analysis, and that it is done' }
])

const GDPR = page(
  'GDPR, Article 30 Records of processing activities',
  'Regulation (EU) 2016/679, Art. 30(1)',
  [
    {
      requirement: '(a) controller, contacts, (b) purposes, (c) categories of people and data',
      evidence: 'None',
      not_covered: 'All of it: keep these in your record'
    },
    {
      requirement: '(d) categories of recipients',
      evidence: 'Which systems agents wrote to: `actions_taken[].system`, `summary.csv` column `actions`',
      not_covered: 'Recipients behind those systems'
    },
    { requirement: '(e) transfers to third countries', evidence: 'None', not_covered: 'All of it' },
    {
      requirement: '(f) time limits for erasure',
      evidence:
        'Retention that was set (`settings_changed`) and applied (`retention_applied:…`), erasures on request (`receipt_erased:…`), `erased.ndjson`',
      not_covered:
        'Data in the systems that agents acted on; the platform’s own point-in-time recovery, which ends by itself (up to 30 days)'
    },
    {
      requirement: '(g) security measures',
      evidence: 'Secrets are redacted before signing; access rules and approvals as in `policy_results` and `approval`',
      not_covered: 'The general description itself'
    }
  ],
  'This export is itself personal data where receipts are: it holds addresses of users and whatever payloads hold. Give it to nobody who need not have it, and delete it when it has served.'
)

const AI_ACT = page(
  'EU AI Act, Articles 12 and 19',
  'Regulation (EU) 2024/1689, Art. 12 (record-keeping), Art. 19 (automatically generated logs); for deployers Art. 26(6)',
  [
    {
      requirement: '12(1) events are recorded automatically over the system’s lifetime',
      evidence: '`receipts/` for what agents did through Enact in this period; `gaps.json` that none is missing',
      not_covered: 'The model’s own inputs and outputs, training, and what does not go through Enact'
    },
    {
      requirement: '12(2)(a) situations that may result in a risk or a substantial modification',
      evidence: 'BLOCK receipts with reasons; `config_digest` changes when policies, workflows or systems do',
      not_covered: 'Whether a situation is a risk in the sense of Art. 79(1) is not judged'
    },
    {
      requirement: '12(2)(b), (c) post-market monitoring, monitoring of operation',
      evidence: '`summary.csv`, decisions and outcomes over time, rollbacks, who approved',
      not_covered: 'The monitoring plan and its follow-up'
    },
    {
      requirement: '12(3) remote biometric identification',
      evidence: 'None',
      not_covered: 'Reference databases, input data and the persons who verified results are not recorded by Enact'
    },
    {
      requirement: '19(1) logs are kept at least six months, as far as under the provider’s control',
      evidence: 'First and last time (`gaps.json`); `settings_changed` and `retention_applied:…` show what was kept how long',
      not_covered: 'A retention below 183 days can be set: Enact does not refuse it. Logs of other parts of the system'
    }
  ],
  'Whether a system is a high-risk AI system, and who its provider or deployer is, is not for Enact to say.'
)

const HIPAA = page('HIPAA Security Rule, 45 CFR 164.312(b) Audit controls', '45 CFR § 164.312(b)', [
  {
    requirement: 'Mechanisms that record activity in systems that contain or use ePHI',
    evidence: '`receipts/`: what agents did through Enact, when, for whom, and with which rows or objects (`actions_taken[].resources`)',
    not_covered: 'Activity of people and programs that reach those systems without Enact; reads that are no action of a connector'
  },
  {
    requirement: 'Mechanisms that examine activity',
    evidence: '`summary.csv`, BLOCK receipts with reasons',
    not_covered: 'The review itself (§ 164.308(a)(1)(ii)(D))'
  },
  {
    requirement: 'Six years for documentation (§ 164.316(b)(2)(i))',
    evidence: '`settings_changed`, `retention_applied:…`',
    not_covered: 'A shorter retention can be set. Whether audit records are such documentation is for counsel to say'
  }
])

/** file name → text. */
export const MAPPINGS: Readonly<Record<string, string>> = {
  'soc2.md': SOC2,
  'iso27001_a_8_15.md': ISO,
  'gdpr_art_30.md': GDPR,
  'eu_ai_act_art_12_19.md': AI_ACT,
  'hipaa_164_312_b.md': HIPAA
}
