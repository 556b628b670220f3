/**
 * Alarm scenarios as text that an operator can write. A line is a time since the start, then what came:
 *
 *     00:00:00 device tram-01 interval=60 cell=xa-1 profile=clean-water name=Trạm_Một
 *     00:01:00 tram-01 water.ph=7.2 water.turbidity=3
 *     00:02:00 tram-01 water.ph=9.1 @00:01:30 !late    the reading's own time, and flags of all its values
 *     00:05:00 still                                   nothing came since the line before
 *     00:06:00 clock-step +60                          the clock was set, in seconds; the line's time is after the step,
 *                                                      and the log's: after a step back arrival lies behind it
 *     00:50:00 gap                                     the server was off since the line before
 *     01:00:00 remove tram-01
 *
 * Stillness is filled with a tick each five seconds, as ingest does. A late message does not count as being heard. What
 * stands behind a # is a remark.
 */

import type { Decision } from '../../libs/core/alarm/alert.ts'
import type { DecodedRecord } from '../../libs/core/decode/decoded.ts'
import { FLAG, type FlagName, type Reading } from '../../libs/core/reading.ts'

export const SCENARIO_START = Date.UTC(2026, 0, 1)
const TICK_MS = 5_000

const TIME = /^(\d+):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?$/

export function scenarioTime(text: string): number {
  const [, hours, minutes, seconds = '0', millis = '0'] = TIME.exec(text) ?? []
  if (hours === undefined || minutes === undefined) throw new Error(`"${text}" is not a time like 00:05:00`)
  return SCENARIO_START + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(millis)
}

function showTime(time: number): string {
  const ms = time - SCENARIO_START
  const part = (size: number, of: number) => String(Math.floor(ms / size) % of).padStart(2, '0')
  const fraction = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`
  return `${String(Math.floor(ms / 3_600_000)).padStart(2, '0')}:${part(60_000, 60)}:${part(1000, 60)}${fraction}`
}

type Bare = Partial<DecodedRecord> & Pick<DecodedRecord, 'kind'>

export function readScenario(text: string): DecodedRecord[] {
  const records: DecodedRecord[] = []
  const series = new Map<string, number>()
  let behind = 0
  const add = (time: number, record: Bare) =>
    records.push({
      ...{ partition: 0, offset: records.length, time, receivedAt: time - behind, readings: [], heard: null },
      ...record,
    })

  for (const line of text.split('\n')) {
    const [at, word, ...rest] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (at === undefined || at === '') continue
    const time = scenarioTime(at)
    const [id = ''] = rest
    const last = records.at(-1)?.time ?? time
    const stillUntil = word === 'gap' || word === 'clock-step' ? last : time
    for (let tick = last + TICK_MS; tick <= stillUntil; tick += TICK_MS) add(tick, { kind: 'tick' })
    if (word === 'still') continue
    if (word === 'gap') add(time, { kind: 'tick' })
    else if (word === 'clock-step') {
      const steppedBy = Number(id) * 1000
      behind = Math.max(0, behind - steppedBy)
      add(time, { kind: 'clock-step', steppedBy })
    } else if (word === 'remove') add(time, { kind: 'device', entry: { id, deleted: true } })
    else if (word === 'device') add(time, { kind: 'device', entry: readEntry(rest) })
    else add(time, readMessage(word ?? '', rest, time - behind, series))
  }
  return records
}

function readEntry([id = '', ...fields]: readonly string[]) {
  const given = new Map(fields.map((field) => field.split('=') as [string, string]))
  const interval = given.get('interval')
  const profile = given.get('profile')
  const name = given.get('name')?.replaceAll('_', ' ')
  return {
    id,
    cell: given.get('cell') ?? 'xa-1',
    ...(interval !== undefined && { expectedIntervalSeconds: Number(interval) }),
    ...(profile !== undefined && { profile }),
    ...(name !== undefined && { name }),
    ...(given.has('simulated') && { simulated: true }),
  }
}

function readMessage(device: string, words: readonly string[], receivedAt: number, series: Map<string, number>): Bare {
  let flags = 0
  let ts = receivedAt
  const values: [string, number][] = []
  for (const word of words) {
    if (word.startsWith('!')) flags |= FLAG[word.slice(1) as FlagName]
    else if (word.startsWith('@')) ts = scenarioTime(word.slice(1))
    else {
      const [channel = '', value] = word.split('=')
      values.push([channel, Number(value)])
    }
  }
  const readings = values.map(([channel, value]): Reading => {
    const name = `${device}/${channel}`
    const number = series.get(name) ?? series.size
    series.set(name, number)
    return { device, channel, series: number, ts, value, receivedAt, flags }
  })
  return { kind: 'message', heard: (flags & FLAG.late) === 0 ? device : null, readings }
}

/** One line a decision: when it happened, what, and when and where it was decided. */
export function showDecisions(decisions: readonly Decision[], records: readonly DecodedRecord[]): string {
  const rules = new Map<string, string>()
  const lines = decisions.map((decision) => {
    const { offset, index } = decision.decidedAt
    if (decision.type === 'opened') rules.set(decision.alert, `${decision.rule} ${decision.subject}`)
    const marks = decision.type === 'opened' && decision.simulated ? ' simulated' : ''
    const why = decision.type === 'returned' && decision.endedBy !== undefined ? ` ${decision.endedBy}` : ''
    const text = decision.type === 'opened' ? ` ${decision.severity}${marks} "${decision.message.vi}"` : ''
    const decided = `decided ${showTime(records[offset]?.time ?? 0)} #${offset}.${index}`
    return `${showTime(decision.at)} ${decision.type} ${rules.get(decision.alert)}${why}${text} ${decided}`
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
