/** Numbers for Prometheus under one naming rule, with a bound on how many series a label can make. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface CounterCell {
  inc(amount?: number): void
}

export interface GaugeCell {
  set(value: number): void
}

export interface HistogramCell {
  observe(value: number): void
}

/**
 * Names are `keng_<service>_<what>_<unit>[_total]`; a counter ends in `_total`, nothing else does.
 * A name or label value that breaks a rule is a mistake of the programmer and throws (names) or counts as `other` (values).
 */
export interface Metrics {
  counter(name: string, help: string): CounterCell
  /** One counter a label value. Keep the returned cell where it is called per message. */
  counterBy(name: string, help: string, label: string): (value: string) => CounterCell
  /** With `read`, the value is asked for at each scrape. */
  gauge(name: string, help: string, read?: () => number): GaugeCell
  gaugeBy(name: string, help: string, label: string): (value: string) => GaugeCell
  /** Buckets are upper bounds in the unit of the name. */
  histogram(name: string, help: string, buckets: readonly number[]): HistogramCell
  /** Adds what Node itself knows: memory, event loop, garbage collection. */
  addProcess(): void
  /** Prometheus text, and its media type. */
  text(): Promise<string>
  readonly contentType: string
}

const NAME = /^keng(_[a-z][a-z0-9]*){2,}$/
const LABEL_VALUES_MAX = 100
const OTHER = 'other'

export function createMetrics(): Metrics {
  const registry = new Registry()

  const checked = (name: string, isCounter: boolean): string => {
    if (!NAME.test(name)) throw new Error(`metric ${name}: use keng_<service>_<what>_<unit>[_total]`)
    if (name.endsWith('_total') !== isCounter)
      throw new Error(`metric ${name}: counters end in _total, and only counters`)
    return name
  }

  return {
    contentType: registry.contentType,
    counter: (name, help) => new Counter({ name: checked(name, true), help, registers: [registry] }),
    counterBy(name, help, label) {
      const counter = new Counter({ name: checked(name, true), help, labelNames: [label], registers: [registry] })
      return boundedCells((value) => counter.labels(value))
    },
    gauge: (name, help, read) =>
      new Gauge({
        name: checked(name, false),
        help,
        registers: [registry],
        ...(read && {
          collect() {
            this.set(read())
          },
        }),
      }),
    gaugeBy(name, help, label) {
      const gauge = new Gauge({ name: checked(name, false), help, labelNames: [label], registers: [registry] })
      return boundedCells((value) => gauge.labels(value))
    },
    histogram: (name, help, buckets) =>
      new Histogram({ name: checked(name, false), help, buckets: [...buckets], registers: [registry] }),
    addProcess: () => collectDefaultMetrics({ register: registry }),
    text: () => registry.metrics(),
  }
}

/** A label value may come from outside; beyond the bound they share one cell, or memory would grow with whoever sends them. */
function boundedCells<Cell>(make: (value: string) => Cell): (value: string) => Cell {
  const cells = new Map<string, Cell>()
  return (value) => {
    const known = cells.get(value)
    if (known !== undefined) return known
    const key = cells.size < LABEL_VALUES_MAX ? value : OTHER
    const cell = cells.get(key) ?? make(key)
    cells.set(key, cell)
    return cell
  }
}
