// Implementations of the Budgets port that run anywhere.
export { memoryBudgets } from './memory.ts'
