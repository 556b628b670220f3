/** The page's few shapes, drawn in the colour of their text. Each severity has its own outline, so that colour is never needed. */

import type { Severity } from '../../../libs/core/alarm/alert.ts'

const SEVERITY_PATHS: Readonly<Record<Severity, string>> = {
  critical: 'M7.5 1.5h9l6 6v9l-6 6h-9l-6-6v-9z',
  high: 'M12 1.8 23.2 21.8H.8z',
  medium: 'M12 .8 23.2 12 12 23.2.8 12z',
  low: 'M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21z',
}
const MARK_PATHS: Readonly<Record<Severity, string>> = {
  critical: 'M12 6v7.5M12 16.4v1.8',
  high: 'M12 8.6v6M12 16.9v1.8',
  medium: 'M12 7v6.2M12 15.4v1.8',
  low: 'M12 10.6v6.6M12 6.6v1.8',
}

export function SeverityIcon({ severity }: { severity: Severity }) {
  return (
    <svg class="icon severity-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SEVERITY_PATHS[severity]} fill="currentColor" />
      <path d={MARK_PATHS[severity]} class="severity-mark" fill="none" stroke-width="2.4" stroke-linecap="round" />
    </svg>
  )
}

const LINE_PATHS = {
  check: 'M4.5 12.6 9.7 18 19.5 6.5',
  close: 'M6 6l12 12M18 6 6 18',
  chart: 'M4 4v16h16M7.5 15l3.6-4.6 3.2 2.6L20 6.5',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.4 15.4 20 20',
  lost: 'M4 4l16 16M5 12.5a10 10 0 0 1 3.6-2.3M15.8 10.4a10 10 0 0 1 3.2 2.1M8.6 16a5 5 0 0 1 6.8 0M12 19.6v.2',
} as const

export function LineIcon({ name }: { name: keyof typeof LINE_PATHS }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="2.2"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={LINE_PATHS[name]} />
    </svg>
  )
}

/** The village gong: a disc hung from a beam. */
export function Gong() {
  return (
    <svg class="gong" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" class="gong-ground" />
      <path d="M5 6.5h22" class="gong-line" stroke-width="2.6" stroke-linecap="round" />
      <path d="M10.5 7v5.5M21.5 7v5.5" class="gong-line" stroke-width="1.4" />
      <circle cx="16" cy="18.5" r="9" class="gong-disc" />
      <circle cx="16" cy="18.5" r="3.4" class="gong-ground" />
    </svg>
  )
}
