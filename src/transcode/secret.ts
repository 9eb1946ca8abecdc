/** A key, a token, a password: whatever prints it by accident gets a mask. */

const MASK = '***'

export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }

  /** The text itself, where it is used: a signature, a header, a cipher's key. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Secret(${MASK})`
  }
}

/** The text of a setting where it has become a Secret: one that broke its own rule has not, and that is told already. */
export function textOf(setting: Secret | undefined): string | undefined {
  return setting instanceof Secret ? setting.reveal() : undefined
}

/** Headers whose values are secrets, as they are sent. */
export function revealed(headers: Readonly<Record<string, Secret>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]))
}
