/** Tells a card whether it is in or near the view, through one observer for the whole page. */

import type { ReadonlySignal } from '@preact/signals'
import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/** Far enough that scrolling by hand meets cards already drawn. */
const MARGIN = '600px 0px'

const listeners = new WeakMap<Element, (near: boolean) => void>()
let observer: IntersectionObserver | undefined

function watch(element: Element, listener: (near: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting)
    },
    { rootMargin: MARGIN },
  )
  listeners.set(element, listener)
  observer.observe(element)
  return () => observer?.unobserve(element)
}

export function useNearView(element: RefObject<Element | null>): ReadonlySignal<boolean> {
  const near = useSignal(false)
  useLayoutEffect(() => {
    if (element.current === null) return
    return watch(element.current, (next) => {
      near.value = next
    })
  }, [near, element])
  return near
}
