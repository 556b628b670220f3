/** Bounds the sessions that a device may leave behind: each one that goes on is kept in memory until it is cleaned. */

export interface PersistentSessions {
  /** Whether the device may have this session; one without clean session is counted from then on. */
  admit(device: string, session: string, clean: boolean): boolean
}

export function createPersistentSessions(maxPerDevice: number): PersistentSessions {
  const kept = new Map<string, Set<string>>()
  return {
    admit(device, session, clean) {
      const sessions = kept.get(device)
      if (clean) {
        sessions?.delete(session)
        if (sessions?.size === 0) kept.delete(device)
        return true
      }
      if (sessions === undefined) kept.set(device, new Set([session]))
      else if (!sessions.has(session) && sessions.size >= maxPerDevice) return false
      else sessions.add(session)
      return true
    },
  }
}
