import { describe, expect, test } from 'vitest'

import type { AlertRule } from '../../../../libs/core/alarm/rule.ts'
import { readScenario, showDecisions } from '../../../support/alarm-scenario.ts'
import { type EngineRun, runEngine } from '../../../support/run-engine.ts'

const message = { vi: '{device}: {value} (ngưỡng {limit} {unit})', en: '{device}: {value} (limit {limit} {unit})' }
const source = { document: 'test', confirmed: false }
const high: AlertRule = {
  id: 'ph-high',
  kind: 'threshold',
  channel: 'water.ph',
  above: 8.5,
  deadband: 0.5,
  severity: 'medium',
  message,
  source,
}
const low: AlertRule = { ...high, id: 'ph-low', above: undefined, below: 6 } as unknown as AlertRule
const slow: AlertRule = { ...high, onDelaySeconds: 60 }
const silent: AlertRule = {
  id: 'silent',
  kind: 'no-data',
  severity: 'low',
  message: { vi: '{device} im lặng {minutes} phút', en: '{device} silent for {minutes} minutes' },
}

function play(text: string, run: Partial<EngineRun> = {}): string[] {
  const records = readScenario(text)
  const { decisions } = runEngine(records, { rules: [high], ...run })
  return showDecisions(decisions, records)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/ (low|medium) ".*"/, '').replace(/ decided .*/, ''))
}

describe('a threshold', () => {
  test('opens once and returns once for one crossing, however many readings there are', () => {
    const lines = play(`
      00:00:00 device s interval=60
      00:01:00 s water.ph=8.5
      00:02:00 s water.ph=8.6
      00:03:00 s water.ph=9
      00:04:00 s water.ph=8.2
      00:05:00 s water.ph=8
      00:06:00 s water.ph=7`)
    expect(lines).toEqual(['00:02:00 opened ph-high s/water.ph', '00:05:00 returned ph-high s/water.ph'])
  })

  test('below a limit is the mirror image', () => {
    const lines = play('00:00 s water.ph=6\n00:01 s water.ph=5.9\n00:02 s water.ph=6.4\n00:03 s water.ph=6.5', {
      rules: [low],
    })
    expect(lines).toEqual(['00:01:00 opened ph-low s/water.ph', '00:03:00 returned ph-low s/water.ph'])
  })

  test('says in both languages what was measured, with the decimal mark of each', () => {
    const records = readScenario('00:00:00 device s name=Trạm_Đông\n00:00:01 s water.ph=9.25')
    const [opened] = runEngine(records, { rules: [high] }).decisions
    expect(opened).toMatchObject({
      type: 'opened',
      cell: 'xa-1',
      simulated: false,
      retrospective: false,
      message: { vi: 'Trạm Đông: 9,25 (ngưỡng 8,5 pH)', en: 'Trạm Đông: 9.25 (limit 8.5 pH)' },
      evidence: [{ device: 's', channel: 'water.ph', value: 9.25, flags: [] }],
      decidedAt: { partition: 0, offset: 1, index: 0 },
    })
  })

  test.each(['late', 'out-of-order', 'clock-suspect', 'calibrating', 'fault', 'out-of-range'])(
    'a reading flagged %s opens nothing and ends nothing',
    (flag) => {
      expect(play(`00:01 s water.ph=9 !${flag}`)).toEqual([])
      expect(play(`00:01 s water.ph=9\n00:02 s water.ph=7 !${flag}`)).toEqual(['00:01:00 opened ph-high s/water.ph'])
    },
  )

  test('a spike counts, unless the rule passes spikes over', () => {
    const ignoring: AlertRule = { ...high, ignore: ['spike'] } as AlertRule
    expect(play('00:01 s water.ph=9 !spike')).toHaveLength(1)
    expect(play('00:01 s water.ph=9 !spike', { rules: [ignoring] })).toEqual([])
  })

  test('a revised value of the newest time is judged as any other, and two openings at one time are two alerts', () => {
    const records = readScenario(`
      00:01 s water.ph=9
      00:02 s water.ph=7 @00:01 !revised
      00:03 s water.ph=9.5 @00:01 !revised`)
    const { decisions } = runEngine(records, { rules: [high] })
    expect(decisions.map(({ type }) => type)).toEqual(['opened', 'returned', 'opened'])
    expect(new Set(decisions.map(({ alert }) => alert)).size).toBe(2)
  })

  test('simulated data makes a simulated alert', () => {
    const [opened] = runEngine(readScenario('00:01 s water.ph=9 !simulated'), { rules: [high] }).decisions
    expect(opened).toMatchObject({ simulated: true })
  })
})

describe('an on-delay', () => {
  test('opens at crossing plus delay when a reading of that time still violates', () => {
    const lines = play('00:00 s water.ph=9\n00:00:10 s water.ph=9 @00:01:30', { rules: [slow] })
    expect(lines).toEqual(['00:01:00 opened ph-high s/water.ph'])
  })

  test('opens by the clock of the log when nothing more is said', () => {
    const records = readScenario('00:00 s water.ph=9 @00:00\n00:02 still')
    const { decisions } = runEngine(records, { rules: [slow] })
    expect(showDecisions(decisions, records)).toMatch(/^00:01:00 opened .* decided 00:01:00 /)
  })

  test('a normal reading in the same burst still cancels, although its event time is late', () => {
    expect(play('00:05 s water.ph=9 @00:03\n00:05 s water.ph=7 @00:03:50\n00:09 still', { rules: [slow] })).toEqual([])
  })

  test('a reading inside the limit cancels, even within the deadband', () => {
    expect(play('00:00 s water.ph=9\n00:00:30 s water.ph=8.4\n00:02 still', { rules: [slow] })).toEqual([])
  })

  test('noise that crosses again and again opens only when one crossing lasts', () => {
    const noise = Array.from({ length: 50 }, (_, i) => {
      const second = String(i).padStart(2, '0')
      return `00:00:${second} s water.ph=${i % 2 === 0 ? 9 : 8}`
    }).join('\n')
    expect(play(`${noise}\n00:00:50 s water.ph=9\n00:03 still`, { rules: [slow] })).toEqual([
      '00:01:50 opened ph-high s/water.ph',
    ])
  })

  test('time in which the pipeline was down does not count', () => {
    expect(play('00:00 s water.ph=9\n02:00 gap\n02:00:50 still', { rules: [slow] })).toEqual([])
    expect(play('00:00 s water.ph=9\n02:00 gap\n02:01 still', { rules: [slow] })).toHaveLength(1)
  })
})

describe('silence', () => {
  const rules = [high, silent]

  test('three expected intervals after the last message the alert opens, at the time that was due', () => {
    const lines = play('00:00 device s interval=60\n00:00:02 s water.ph=7\n00:10 still\n00:10:01 s water.ph=7', {
      rules,
    })
    expect(lines).toEqual(['00:03:02 opened silent s', '00:10:01 returned silent s'])
  })

  test('a device that was never heard, or has no expected interval, is not silent', () => {
    expect(play('00:00 device s interval=60\n01:00 still', { rules })).toEqual([])
    expect(play('00:00 device s\n00:01 s water.ph=7\n00:06 still', { rules })).toEqual([])
  })

  test('a late message is not a sign of life', () => {
    const lines = play(
      '00:00 device s interval=60\n00:00 s water.ph=7\n00:02 still\n00:02 s water.ph=7 !late\n00:04 still',
      { rules },
    )
    expect(lines).toEqual(['00:03:00 opened silent s'])
  })

  test('an active alert goes stale and fresh again, and silence never ends it', () => {
    const lines = play(
      '00:00 device s interval=60\n00:00 s water.ph=9\n00:10 still\n00:10:01 s water.ph=9\n00:10:30 s water.ph=7',
      { rules },
    )
    expect(lines).toEqual([
      '00:00:00 opened ph-high s/water.ph',
      '00:03:00 stale ph-high s/water.ph',
      '00:03:00 opened silent s',
      '00:10:01 returned silent s',
      '00:10:01 fresh ph-high s/water.ph',
      '00:10:30 returned ph-high s/water.ph',
    ])
  })

  test('an outage of the pipeline is nobody’s silence: it begins anew afterwards', () => {
    const lines = play('00:00 device s interval=60\n00:00 s water.ph=7\n05:00 gap\n05:04 still', { rules })
    expect(lines).toEqual(['05:03:00 opened silent s'])
  })

  test('fifteen seconds without a record are no outage yet', () => {
    const gaps = Array.from(
      { length: 13 },
      (_, i) => `00:0${Math.floor(i / 4)}:${String((i % 4) * 15).padStart(2, '0')} gap`,
    )
    const lines = play(`00:00 device s interval=60\n00:00 s water.ph=7\n${gaps.join('\n')}`, { rules })
    expect(lines).toEqual(['00:03:00 opened silent s'])
  })

  test('a clock that is set a day forward makes nobody silent, and set back stops no timer', () => {
    const forward =
      '00:00 device s interval=60\n00:00 s water.ph=7\n00:01 still\n24:01 clock-step 86400\n24:02:59 still'
    expect(play(forward, { rules })).toEqual([])
    expect(play(`${forward}\n24:03 still`, { rules })).toEqual(['24:03:00 opened silent s'])
    const back = '00:00 device s interval=60\n00:00 s water.ph=7\n00:01 still\n00:01 clock-step -86400\n00:04 still'
    expect(play(back, { rules })).toEqual(['00:03:00 opened silent s'])
  })

  test('an alert that opens by the clock while its sensor is silent is stale from the start', () => {
    const patient: AlertRule = { ...high, onDelaySeconds: 600 } as AlertRule
    const lines = play('00:00 device s interval=60\n00:00 s water.ph=9\n00:11 still', { rules: [patient] })
    expect(lines).toEqual(['00:10:00 opened ph-high s/water.ph', '00:10:00 stale ph-high s/water.ph'])
  })

  test('rules of several lengths each have their own time', () => {
    const seconds: AlertRule = { ...silent, id: 'quick', afterSeconds: 30 } as AlertRule
    const long: AlertRule = { ...silent, id: 'long', afterIntervals: 5 } as AlertRule
    const lines = play('00:00 device s interval=60\n00:00 s water.ph=7\n00:06 still\n00:06 s', {
      rules: [long, seconds, silent],
    })
    expect(lines.filter((line) => line.includes('opened'))).toEqual([
      '00:00:30 opened quick s',
      '00:03:00 opened silent s',
      '00:05:00 opened long s',
    ])
    expect(lines.filter((line) => line.includes('returned'))).toHaveLength(3)
  })
})

test('timers that passed between two records are decided in the order in which they were due', () => {
  const rules = [{ ...silent, afterSeconds: 11 } as AlertRule]
  const lines = play('00:00 a\n00:00:02 b\n00:00:10 a\n00:00:11 b\n00:00:24 gap\n00:00:24 a', { rules })
  expect(lines).toEqual(['00:00:21 opened silent a', '00:00:22 opened silent b', '00:00:24 returned silent a'])
})

describe('a change of a device', () => {
  const start = '00:00 device s interval=60 profile=river\n00:00 s water.ph=9\n'

  test('its removal ends its alerts and says so; registered anew it begins anew', () => {
    const lines = play(`${start}00:01 remove s\n00:02 device s interval=60\n00:03 s water.ph=9\n00:06 still`, {
      rules: [high, silent],
    })
    expect(lines).toEqual([
      '00:00:00 opened ph-high s/water.ph',
      '00:01:00 returned ph-high s/water.ph device-removed',
      '00:03:00 opened ph-high s/water.ph',
      '00:06:00 stale ph-high s/water.ph',
      '00:06:00 opened silent s',
    ])
  })

  test('an alert ends when its rule no longer selects the device, or the device moves to another cell', () => {
    const river: AlertRule = { ...high, select: { profiles: ['river'] } }
    const ended = ['00:00:00 opened ph-high s/water.ph', '00:01:00 returned ph-high s/water.ph device-changed']
    expect(play(`${start}00:01 device s profile=well`, { rules: [river] })).toEqual(ended)
    expect(play(`${start}00:01 device s profile=river cell=xa-2`, { rules: [river] })).toEqual(ended)
    expect(play(`${start}00:01 device s profile=river interval=30`, { rules: [river] })).toHaveLength(1)
  })

  test('another expected interval counts from the last message on', () => {
    const lines = play(`${start}00:01 still\n00:01 device s interval=30\n00:05 still`, { rules: [silent] })
    expect(lines).toEqual(['00:01:30 opened silent s'])
  })

  test('a profile that a rule selects makes the rule hold from there on', () => {
    const well: AlertRule = { ...high, select: { profiles: ['well'] } }
    expect(play(`${start}00:01 device s profile=well\n00:02 s water.ph=9`, { rules: [well] })).toEqual([
      '00:02:00 opened ph-high s/water.ph',
    ])
  })
})

describe('a change of the rules between two runs', () => {
  const text = '00:00:00 s water.ph=9\n00:00:05 still\n00:00:08 s water.ph=9'
  const restarts = new Set([1])

  test('ends what another definition opened at the next record, and judges anew', () => {
    const rulesAfter: AlertRule[] = [{ ...high, above: 8.6 } as AlertRule]
    expect(play(text, { restarts, rulesAfter })).toEqual([
      '00:00:00 opened ph-high s/water.ph',
      '00:00:05 returned ph-high s/water.ph rule-changed',
      '00:00:08 opened ph-high s/water.ph',
    ])
    expect(play(text, { restarts, rulesAfter: [] })).toHaveLength(2)
  })

  test('another wording ends nothing', () => {
    const rulesAfter: AlertRule[] = [{ ...high, message: { vi: 'khác', en: 'other' } }]
    expect(play(text, { restarts, rulesAfter })).toHaveLength(1)
  })
})
