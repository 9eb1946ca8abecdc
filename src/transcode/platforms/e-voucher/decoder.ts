/** The port behind which the gateway and the DLL hide. */
export type Decoder = {
  /** The answer's JSON object, whatever it says. Rejects with PlatformError. */
  decode(
    message: Record<string, unknown>,
    options: { signal?: AbortSignal | undefined },
  ): Promise<Record<string, unknown>>
}
