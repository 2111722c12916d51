// People of an embedded client or a test: a list that its host program gives.
import { addressKey, addressKeys, inLines, isApprover, personOf, type People, type PersonRecord } from '../../engine/index.ts'

/** The same people for every team. */
export function memoryPeople(records: readonly PersonRecord[]): People {
  const approvers = records
    .filter(isApprover)
    .toSorted((a, b) => a.escalation_order - b.escalation_order || (a.person_id < b.person_id ? -1 : 1))
  return {
    async find(_teamId, address) {
      const person = approvers.find((one) => addressKeys(one).includes(addressKey(address)))
      return person === undefined ? null : personOf(person)
    },
    approvers: async () => inLines(approvers)
  }
}
