/** A disk in memory that loses, tears and refuses what real ones lose, tear and refuse: for property tests of the segment log. */

import path from 'node:path'
import type { Disk, DiskFile } from '../../libs/adapters/segment/disk.ts'

interface Change {
  /** Bytes written, or null for a change of length. */
  readonly bytes: Buffer | null
  /** Where they go; for a change of length, the new length. */
  readonly position: number
}

interface Inode {
  /** What a process sees. */
  content: Buffer
  /** What a power cut leaves. */
  durable: Buffer
  /** What is not synced, in order. */
  pending: Change[]
}

type NameChange = (names: Map<string, Inode>) => void

/** Numbers from 0 to 1, repeatable by their seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const SECTOR = 512

export interface SimulatedDisk {
  /** The disk as one process sees it; after `stop` nothing that it asked for is answered any more. */
  process(): { readonly disk: Disk; stop(): void }
  /** Stops the process before the answer to its n-th operation from now on. */
  stopAfter(operations: number): void
  /** Whether the process was stopped. */
  isStopped(): boolean
  /** Loses a part of everything that is not synced: each sector and each name by chance. */
  cutPower(seed: number): void
  /** The next operations of this kind fail with this code; a failed sync leaves its pages clean, as Linux does. */
  fail(kind: 'write' | 'sync' | 'read', code: string, times?: number): void
  /** Failures that nobody has met do not come any more. */
  heal(): void
  /** Bytes that all files together may have. */
  setCapacity(bytes: number): void
  used(): number
  files(): string[]
  /** What a process would read now. */
  content(file: string): Buffer
  /** What a power cut would leave at the most cautious. */
  durable(file: string): Buffer
  /** Changes the medium behind everybody's back. */
  corrupt(file: string, change: (bytes: Buffer) => Buffer): void
  /** Reading these bytes fails with EIO. */
  makeUnreadable(file: string, from: number, to: number): void
}

export function createSimulatedDisk(): SimulatedDisk {
  const names = new Map<string, Inode>()
  const durableNames = new Map<string, Inode>()
  const pendingNames = new Map<string, NameChange[]>()
  let holes: { file: Inode; from: number; to: number }[] = []
  let failures: { kind: string; code: string; left: number }[] = []
  let capacity = Number.POSITIVE_INFINITY
  let operationsLeft = Number.POSITIVE_INFINITY
  let current = 0

  const never = new Promise<never>(() => {})

  function failureOf(kind: string): Error | null {
    const failure = failures.find((one) => one.kind === kind && one.left > 0)
    if (failure === undefined) return null
    failure.left--
    return diskError(failure.code, kind)
  }

  /** One operation of a process: does it, and answers unless the process was stopped. */
  async function operate<T>(generation: number, work: () => T): Promise<T> {
    if (generation !== current) return never
    await null
    if (generation !== current) return never
    operationsLeft--
    if (operationsLeft < 0) {
      // Half of the time the operation still reached the machine.
      if (operationsLeft % 2 === 0) attempt(work)
      current++
      return never
    }
    return work()
  }

  function applyTo(bytes: Buffer, change: Change): Buffer {
    if (change.bytes === null) return resized(bytes, change.position)
    const grown = resized(bytes, Math.max(bytes.length, change.position + change.bytes.length))
    change.bytes.copy(grown, change.position)
    return grown
  }

  function write(inode: Inode, bytes: Uint8Array, length: number, position: number): void {
    const error = failureOf('write')
    if (error !== null) throw error
    const growth = Math.max(0, position + length - inode.content.length)
    const room = Math.max(0, capacity - used())
    // A full disk takes what it can before it says so.
    const taken = growth > room ? Math.max(0, length - (growth - room)) : length
    const change = { bytes: Buffer.from(bytes.subarray(0, taken)), position }
    if (taken > 0) {
      inode.content = applyTo(inode.content, change)
      inode.pending.push(change)
      // A sector that is written anew is replaced by a sound one.
      holes = holes.filter(({ file, from, to }) => file !== inode || to <= position || from >= position + taken)
    }
    if (taken < length) throw diskError('ENOSPC', 'write')
  }

  function sync(inode: Inode): void {
    const error = failureOf('sync')
    if (error === null) for (const change of inode.pending) inode.durable = applyTo(inode.durable, change)
    inode.pending = []
    if (error !== null) throw error
  }

  function read(inode: Inode, into: Uint8Array, length: number, position: number): number {
    const error = failureOf('read')
    if (error !== null) throw error
    const end = Math.min(inode.content.length, position + length)
    for (const hole of holes) {
      if (hole.file === inode && hole.from < end && hole.to > position) throw diskError('EIO', 'read')
    }
    if (position >= end) return 0
    into.set(inode.content.subarray(position, end))
    return end - position
  }

  const used = (): number => [...names.values()].reduce((sum, inode) => sum + inode.content.length, 0)

  function openInode(inode: Inode, generation: number): DiskFile {
    const run = <T>(work: () => T): Promise<T> => operate(generation, work)
    return {
      write: (bytes, length, position) => run(() => write(inode, bytes, length, position)),
      fdatasync: () => run(() => sync(inode)),
      read: (into, length, position) => run(() => read(inode, into, length, position)),
      readSync: (into, length, position) => read(inode, into, length, position),
      truncate: (length) =>
        run(() => {
          const change = { bytes: null, position: length }
          inode.content = applyTo(inode.content, change)
          inode.pending.push(change)
        }),
      size: () => run(() => inode.content.length),
      close: () => run(() => {}),
    }
  }

  function change(file: string, how: NameChange): void {
    how(names)
    const dir = path.dirname(file)
    pendingNames.set(dir, [...(pendingNames.get(dir) ?? []), how])
  }

  function open(file: string, mode: 'read' | 'write'): Inode {
    const found = names.get(file)
    if (found !== undefined) return found
    if (mode === 'read') throw diskError('ENOENT', file)
    const inode: Inode = { content: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] }
    change(file, (all) => void all.set(file, inode))
    return inode
  }

  function inodeOf(file: string): Inode {
    const inode = names.get(file)
    if (inode === undefined) throw diskError('ENOENT', file)
    return inode
  }

  function createDisk(generation: number): Disk {
    const run = <T>(work: () => T): Promise<T> => operate(generation, work)
    return {
      open: (file, mode) => run(() => openInode(open(file, mode), generation)),
      list: (dir) =>
        run(() => [...names.keys()].filter((one) => path.dirname(one) === dir).map((one) => path.basename(one))),
      makeDir: () => run(() => {}),
      syncDir: (dir) =>
        run(() => {
          const error = failureOf('sync')
          if (error !== null) throw error
          for (const how of pendingNames.get(dir) ?? []) how(durableNames)
          pendingNames.delete(dir)
        }),
      rename: (from, to) =>
        run(() => {
          const inode = inodeOf(from)
          change(to, (all) => {
            all.delete(from)
            all.set(to, inode)
          })
        }),
      unlink: (file) =>
        run(() => {
          inodeOf(file)
          change(file, (all) => void all.delete(file))
        }),
    }
  }

  function cutPower(seed: number): void {
    const random = createRandom(seed)
    current++
    // A journal keeps the order of names: some first part of the changes is there, the rest is not.
    for (const changes of pendingNames.values()) {
      for (const how of changes.slice(0, Math.floor(random() * (changes.length + 1)))) how(durableNames)
    }
    pendingNames.clear()
    names.clear()
    for (const [name, inode] of durableNames) names.set(name, inode)
    for (const inode of new Set(names.values())) {
      for (const one of inode.pending) inode.durable = tear(inode.durable, one, random)
      inode.pending = []
      inode.content = inode.durable
    }
  }

  /** Each sector of an unsynced write is there or not. */
  function tear(bytes: Buffer, one: Change, random: () => number): Buffer {
    if (one.bytes === null) return random() < 0.5 ? applyTo(bytes, one) : bytes
    let torn = bytes
    const mode = random()
    for (let at = 0; at < one.bytes.length; ) {
      const length = Math.min(SECTOR - ((one.position + at) % SECTOR), one.bytes.length - at)
      const sector = { bytes: one.bytes.subarray(at, at + length), position: one.position + at }
      if (mode < 0.2 || (mode < 0.8 && random() < 0.5)) torn = applyTo(torn, sector)
      at += length
    }
    return torn
  }

  return {
    process() {
      const generation = ++current
      operationsLeft = Number.POSITIVE_INFINITY
      return {
        disk: createDisk(generation),
        stop: () => {
          if (current === generation) current++
        },
      }
    },
    stopAfter(operations) {
      operationsLeft = operations
    },
    isStopped: () => operationsLeft < 0,
    cutPower,
    fail(kind, code, times = 1) {
      failures = failures.filter((one) => one.left > 0)
      failures.push({ kind, code, left: times })
    },
    heal() {
      failures = []
    },
    setCapacity(bytes) {
      capacity = bytes
    },
    used,
    files: () => [...names.keys()].sort(),
    content: (file) => inodeOf(file).content,
    durable: (file) => inodeOf(file).durable,
    corrupt(file, how) {
      const inode = inodeOf(file)
      inode.content = how(Buffer.from(inode.content))
      inode.durable = inode.content
      inode.pending = []
    },
    makeUnreadable(file, from, to) {
      holes.push({ file: inodeOf(file), from, to })
    },
  }
}

const diskError = (code: string, what: string): Error => Object.assign(new Error(`${code}: ${what}`), { code })

function resized(bytes: Buffer, length: number): Buffer {
  const other = Buffer.alloc(length)
  bytes.copy(other, 0, 0, Math.min(length, bytes.length))
  return other
}

function attempt(work: () => unknown): void {
  try {
    work()
  } catch {
    // The process that would have heard of it is gone.
  }
}
