export function helpIfAsked(name: string, args?: readonly string[]): void
export const COMMANDS: readonly string[]
