// Named bundles of policies, bound and ready for `enact.config.ts`.
export { type CodingAgentPack, codingAgentPack } from './coding_agent.ts'
