/** An event of the live stream, written out only when somebody takes it. */

export type LiveType = 'reading' | 'alert' | 'device'

export const LIVE_TYPES: readonly LiveType[] = ['reading', 'alert', 'device']

export interface LiveEvent {
  /** Position in the stream of this process. */
  readonly seq: number
  readonly type: LiveType
  readonly device: string
  readonly area: string | null
  /** The data as it goes out. */
  readonly view: () => unknown
  /** The frame, once it was needed. */
  text: string | null
}

/** What a client asked for; null is everything. */
export interface LiveWish {
  readonly types: ReadonlySet<LiveType>
  readonly areas: ReadonlySet<string> | null
  readonly devices: ReadonlySet<string> | null
}

export const isWanted = (wish: LiveWish, event: LiveEvent): boolean =>
  wish.types.has(event.type) &&
  (wish.devices === null || wish.devices.has(event.device)) &&
  (wish.areas === null || (event.area !== null && wish.areas.has(event.area)))

/** JSON has no line ends of its own, so one `data:` line always does. */
export const frame = (id: string, type: string, data: unknown): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
