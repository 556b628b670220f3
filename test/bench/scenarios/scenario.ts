/** What a scenario of the bench is given and gives back. */

import type { Cleanup } from '../../support/cleanup.ts'

export interface BenchOptions {
  /** Length of one measurement; each scenario has its own default. */
  readonly seconds: number | undefined
  readonly rounds: number
  readonly clients: number
  readonly window: number
  /** Full rate in messages a second, where it need not be measured first. */
  readonly rate: number | undefined
}

export interface Bench {
  /** What is started is ended when the scenario is over. */
  readonly t: Cleanup
  readonly options: BenchOptions
  /** Says a line to the person who waits. */
  say(line: string): void
}

export interface Verdict {
  /** What was wanted, in words. */
  readonly wanted: string
  readonly held: boolean
}

export interface Outcome {
  /** One line for people. */
  readonly summary: string
  readonly verdicts: readonly Verdict[]
  /** Everything measured, for machines; numbers carry their unit in the name. */
  readonly figures: object
}

export type Scenario = (bench: Bench) => Promise<Outcome>
