/** The bytes of a record batch; docs/segment-format.md shows them as a table. */

import { crc32 } from 'node:zlib'

export const FORMAT_VERSION = 1
export const HEADER_BYTES = 44
export const SIGNATURE_BYTES = 8

const MAGIC = 0x474e454b // "KENG" read as little endian
const AT = { magic: 0, salt: 4, crc: 8, version: 12, flags: 13, reserved: 14, length: 16, count: 20 } as const
const AT_LATER = { span: 24, baseOffset: 30, baseTime: 36 } as const
const CRC_END = 12
const OFFSET_BYTES = 6
/** Offsets lie below this: six bytes hold them, enough for a million records a second over eight years, or a commune's for ever. */
export const MAX_OFFSET = 2 ** 48

/** Records carry their distance in offsets: only a snapshot of a compacted topic has gaps inside a batch. */
export const FLAG_SPARSE = 1

export interface BatchHeader {
  readonly salt: number
  readonly crc: number
  readonly version: number
  readonly flags: number
  /** Bytes of the whole batch, header included. */
  readonly length: number
  readonly count: number
  /** Offsets the batch stands for: it covers baseOffset to baseOffset + span - 1. */
  readonly span: number
  readonly baseOffset: number
  /** Epoch milliseconds of the first record. */
  readonly baseTime: number
}

/** What a writer decides of a header; magic, version and CRC follow from it. */
export type BatchMeta = Omit<BatchHeader, 'crc' | 'version'>

/** Fills the header in front of the encoded records and closes the batch with its CRC. */
export function sealBatch(bytes: Buffer, meta: BatchMeta): void {
  bytes.writeUInt32LE(MAGIC, AT.magic)
  bytes.writeUInt32LE(meta.salt, AT.salt)
  bytes[AT.version] = FORMAT_VERSION
  bytes[AT.flags] = meta.flags
  bytes.writeUInt16LE(0, AT.reserved)
  bytes.writeUInt32LE(meta.length, AT.length)
  bytes.writeUInt32LE(meta.count, AT.count)
  bytes.writeUIntLE(meta.span, AT_LATER.span, OFFSET_BYTES)
  bytes.writeUIntLE(meta.baseOffset, AT_LATER.baseOffset, OFFSET_BYTES)
  bytes.writeDoubleLE(meta.baseTime, AT_LATER.baseTime)
  bytes.writeUInt32LE(crcOf(bytes, 0, meta.length), AT.crc)
}

/** CRC-32 (IEEE) over the whole batch without the four bytes of the CRC itself. */
function crcOf(bytes: Buffer, at: number, length: number): number {
  return crc32(bytes.subarray(at + CRC_END, at + length), crc32(bytes.subarray(at, at + AT.crc)))
}

/** Magic and salt: what every batch of a topic begins with, and what a search behind damage looks for. */
export function signatureOf(salt: number): Buffer {
  const bytes = Buffer.alloc(SIGNATURE_BYTES)
  bytes.writeUInt32LE(MAGIC, AT.magic)
  bytes.writeUInt32LE(salt, AT.salt)
  return bytes
}

/** Reads a header, or null where no batch begins. `salt` undefined takes any. Nothing is proven before `isWhole`. */
export function parseHeader(bytes: Buffer, at: number, salt: number | undefined): BatchHeader | null {
  if (bytes.length - at < HEADER_BYTES || bytes.readUInt32LE(at) !== MAGIC) return null
  const ownSalt = bytes.readUInt32LE(at + AT.salt)
  if (salt !== undefined && ownSalt !== salt) return null
  const length = bytes.readUInt32LE(at + AT.length)
  if (length < HEADER_BYTES) return null
  return {
    salt: ownSalt,
    crc: bytes.readUInt32LE(at + AT.crc),
    version: bytes[at + AT.version] ?? 0,
    flags: bytes[at + AT.flags] ?? 0,
    length,
    count: bytes.readUInt32LE(at + AT.count),
    span: bytes.readUIntLE(at + AT_LATER.span, OFFSET_BYTES),
    baseOffset: bytes.readUIntLE(at + AT_LATER.baseOffset, OFFSET_BYTES),
    baseTime: bytes.readDoubleLE(at + AT_LATER.baseTime),
  }
}

/** Whether all the bytes of the batch at `at` are as they were written. */
export function isWhole(bytes: Buffer, at: number, header: BatchHeader): boolean {
  return at + header.length <= bytes.length && crcOf(bytes, at, header.length) === header.crc
}
