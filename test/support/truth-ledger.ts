/** What the simulator says really happened, added up for comparison with what the API gives back. */

import type { TruthEvent } from '../../simulators/truth.ts'

type Produced = Extract<TruthEvent, { type: 'produced' }>

/** What must be read back of one channel of one device. */
export interface ExpectedChannel {
  readonly device: string
  readonly channel: string
  /** `[ts, value]` in time order, of messages whose clock was right. */
  readonly points: readonly (readonly [number, number | boolean])[]
  /** Values in ascending order of messages from 1970: they are stored at their arrival, which the simulator does not know. */
  readonly suspects: readonly (number | boolean)[]
}

export interface TruthLedger {
  add(event: TruthEvent): void
  /** Messages made, by the fault that they carry: `reboot-1970`, `offline`, `spike`. */
  produced(fault?: string): number
  /** Messages that were made and never acknowledged, `device/boot/seq`. */
  unacknowledged(): string[]
  /** Messages that the devices sent again of their own accord, and had acknowledged again. */
  repeated(): number
  /** Messages that the devices' own memories lost before any broker saw them, and of these any that was acknowledged. */
  lost(): { readonly count: number; readonly acknowledged: readonly string[] }
  channels(): ExpectedChannel[]
}

const LABEL_1970 = 'reboot-1970'

export function createTruthLedger(): TruthLedger {
  const produced = new Map<string, Produced>()
  const acknowledged = new Set<string>()
  const lost = new Set<string>()
  let repeated = 0
  const nameOf = ({ device, boot, seq }: { device: string; boot: string; seq: number }) => `${device}/${boot}/${seq}`

  return {
    add(event) {
      if (event.type === 'produced') produced.set(nameOf(event), event)
      else if (event.type === 'acknowledged') acknowledged.add(nameOf(event))
      else if (event.type === 'lost') lost.add(nameOf(event))
      else if (event.type === 'repeated') repeated++
    },
    produced(fault) {
      if (fault === undefined) return produced.size
      return [...produced.values()].filter(({ faults }) => faults.some((label) => label.startsWith(fault))).length
    },
    unacknowledged: () => [...produced.keys()].filter((name) => !acknowledged.has(name)),
    repeated: () => repeated,
    lost: () => ({ count: lost.size, acknowledged: [...lost].filter((name) => acknowledged.has(name)) }),
    channels() {
      const channels = new Map<string, { points: [number, number | boolean][]; suspects: (number | boolean)[] }>()
      for (const { device, ts, values, faults } of produced.values()) {
        for (const [channel, value] of Object.entries(values)) {
          const name = `${device} ${channel}`
          const known = channels.get(name) ?? { points: [], suspects: [] }
          channels.set(name, known)
          if (faults.includes(LABEL_1970)) known.suspects.push(value)
          else known.points.push([ts, value])
        }
      }
      return [...channels].map(([name, { points, suspects }]) => {
        const [device = '', channel = ''] = name.split(' ')
        points.sort(([a], [b]) => a - b)
        return { device, channel, points, suspects: suspects.sort(ascending) }
      })
    },
  }
}

export const ascending = (a: number | boolean, b: number | boolean): number => Number(a) - Number(b)
