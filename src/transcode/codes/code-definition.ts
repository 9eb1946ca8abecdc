/** What a code format is: one file each beside this one, one line each in index.ts. */

/** What recognition may depend on; from the settings, compiled once. */
export type RecognitionOptions = {
  /** The site's patterns by the name of their setting; absent where it has none. */
  readonly matches: Readonly<Record<string, ((text: string) => boolean) | undefined>>
  /** Where 粤健通 sends its users; without it no 粤健通 code is recognised. */
  readonly yuejiantongEntryUrl?: URL
}

/** A made-up code of a format, for tests, the rehearsal tray and the simulator. */
export type CodeSample = {
  readonly text: string
  /** What is special about it, in Chinese. */
  readonly title: string
}

/**
 * One format. `recognise` gets a cleaned text and judges by shape, never by a
 * prefix alone; the first format of the list that takes a text has it.
 */
export type CodeDefinition<F extends string = string, P extends string = string> = {
  readonly format: F
  /** The words staff know it by. */
  readonly label: string
  /** A setting under `recognition` that holds this format's pattern, and its default ('' is off). */
  readonly pattern?: { readonly setting: P; readonly default: string }
  /** No patient is known by a code of this format: any other code in view goes before it. */
  readonly ofNobody?: true
  /** Of use as it is, where no platform is set up that is asked about it: the HIS passes it on. */
  readonly handedOn?: true
  /** A platform takes such a code once: the patient's phone makes a new one each time. */
  readonly oneTime?: true
  recognise(text: string, options: RecognitionOptions): boolean
  /** How the text is handed on where it can be written in more than one way. */
  readonly normalise?: (text: string) => string
  readonly samples: readonly CodeSample[]
  /** Recognition settings under which the samples hold, where the defaults do not do. */
  readonly sampleSettings?: Readonly<Record<string, string>>
}

/** Keeps a definition's own name as its type. */
export function defineCode<const F extends string, const P extends string = never>(
  definition: CodeDefinition<F, P>,
): CodeDefinition<F, P> {
  return definition
}
