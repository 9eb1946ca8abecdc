/** What the page and the decoding worker say to each other. */
import type { Sight } from './decode.ts'

export type DecodeRequest = { readonly id: number; readonly picture: VideoFrame | ImageBitmap; readonly still: boolean; readonly all: boolean }

export type DecodeReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'sight'; readonly id: number; readonly sight: Sight; readonly width: number; readonly height: number; readonly ms: number }
