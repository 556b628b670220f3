import { expect, test } from 'vitest'

import { checkRules, parseRules } from '../../../../libs/core/alarm/check-rules.ts'

const threshold = {
  id: 'ph-high',
  kind: 'threshold',
  channel: 'water.ph',
  above: 8.5,
  severity: 'medium',
  message: { vi: 'pH {value}', en: 'pH {value}' },
  source: { document: 'thực hành', confirmed: false },
}
const silent = { id: 'silent', kind: 'no-data', severity: 'low', message: { vi: '{device}', en: '{device}' } }

const faultsOf = (...rules: readonly unknown[]): string[] =>
  checkRules({ version: 1, rules }).faults.map(({ path, message }) => `${path}: ${message}`)

test('a file without faults gives its rules as they are written', () => {
  const { rules, faults } = checkRules({ version: 1, rules: [threshold, silent] })
  expect(faults).toEqual([])
  expect(rules).toEqual([threshold, silent])
})

test('all faults come at once, each with its path', () => {
  const faults = faultsOf(
    { ...threshold, above: 15 },
    { ...threshold, id: 'Bad Id', severity: 'urgent', extra: 1, message: { vi: '{value}' } },
    { ...silent, afterIntervals: 2, afterSeconds: 60 },
    { kind: 'rate' },
  )
  expect(faults.sort()).toEqual([
    expect.stringMatching(/^\/rules\/0\/above: 15 must be inside the channel's range, 0 to 14 pH/),
    '/rules/1/extra: is not a field of this kind of rule',
    expect.stringMatching(/^\/rules\/1\/id: /),
    '/rules/1/message/en: is missing',
    '/rules/1/severity: is none of the words allowed here; docs/rules.md lists them',
    '/rules/2: has both afterIntervals and afterSeconds; give one',
    '/rules/3/kind: must be "threshold" or "no-data"',
  ])
})

test.each([
  ['both limits', { below: 6 }, '/rules/0', /exactly one of above and below/],
  ['no limit', { above: undefined }, '/rules/0', /exactly one of above and below/],
  ['a limit that no valid value can pass', { above: 14 }, '/rules/0/above', /below its end/],
  ['a deadband that leads out of the range', { deadband: 9 }, '/rules/0/deadband', /return at -0.5 is outside/],
  ['a negative deadband', { deadband: -1 }, '/rules/0/deadband', /./],
  ['a channel that nobody knows', { channel: 'water.pH' }, '/rules/0/channel', /"water.pH" is not in the catalogue/],
  [
    'a placeholder of another kind',
    { message: { vi: '{minutes}', en: 'x' } },
    '/rules/0/message/vi',
    /\{minutes\} is not known/,
  ],
  ['a brace without its partner', { message: { vi: 'x', en: '{value' } }, '/rules/0/message/en', /partner/],
  [
    'a confirmed limit without a clause',
    { source: { document: 'x', confirmed: true } },
    '/rules/0/source/clause',
    /is missing/,
  ],
  ['text that is not NFC', { message: { vi: 'độ'.normalize('NFD'), en: 'x' } }, '/rules/0/message/vi', /NFC/],
  ['a limit that is no number', { above: '8.5' }, '/rules/0/above', /number/],
])('a rule with %s is refused', (_, change, path, message) => {
  const rule = JSON.parse(JSON.stringify({ ...threshold, ...change })) as unknown
  const { faults } = checkRules({ version: 1, rules: [rule] })
  expect(faults.map((fault) => fault.path)).toEqual([path])
  expect(faults[0]?.message).toMatch(message)
})

test('one id for two rules is refused, because ids are part of alert ids', () => {
  expect(faultsOf(threshold, threshold)).toEqual([
    expect.stringMatching(/^\/rules\/1\/id: "ph-high" is the id of \/rules\/0 too/),
  ])
})

test('what is no rules file is refused in words', () => {
  expect(checkRules([]).faults[0]?.message).toMatch(/version and rules/)
  expect(checkRules({ version: 2, rules: [] }).faults).toEqual([{ path: '/version', message: 'must be 1' }])
  expect(checkRules({ version: 1, rules: [], rule: 1 }).faults[0]?.path).toBe('/rule')
})

test('parsing names the file and every fault in one error', () => {
  expect(() => parseRules('{', 'r.json')).toThrow(/r\.json is not JSON/)
  expect(() =>
    parseRules(
      JSON.stringify({
        version: 1,
        rules: [
          { ...threshold, above: 99 },
          { ...silent, id: '' },
        ],
      }),
      'r.json',
    ),
  ).toThrow(/r\.json#\/rules\/0\/above .*; r\.json#\/rules\/1\/id /)
  expect(parseRules(JSON.stringify({ version: 1, rules: [threshold] }), 'r.json')).toHaveLength(1)
})
