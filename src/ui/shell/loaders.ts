// Which code each page is: loaded when the page is first shown.
import type { ComponentType } from 'preact'
import type { PageName } from './pages.ts'

type Loader = () => Promise<{ readonly default: ComponentType }>

export const LOADERS: Readonly<Record<PageName, Loader>> = {
  activity: () => import('../pages/activity/index.tsx'),
  approvals: () => import('../pages/approvals/index.tsx'),
  alerts: () => import('../pages/alerts/index.tsx'),
  policies: () => import('../pages/policies/index.tsx'),
  agents: () => import('../pages/agents/index.tsx'),
  locks: () => import('../pages/locks/index.tsx'),
  webhooks: () => import('../pages/webhooks/index.tsx'),
  exports: () => import('../pages/exports/index.tsx'),
  settings: () => import('../pages/settings/index.tsx'),
  receipt: () => import('../pages/receipt/index.tsx'),
  'sign-in': () => import('../pages/sign_in/index.tsx'),
  setup: () => import('../pages/setup/index.tsx'),
  shared: () => import('../pages/shared/index.tsx')
}
