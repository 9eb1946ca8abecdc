/** Birthdays as platforms write them -> the one form of a Patient. */

/** `1988-10-22`, `19881022`, `1991/5/25` or `1988年10月22日`, with or without a time behind it -> yyyy-MM-dd; undefined for anything else. */
export function birthdayWord(text: string | undefined): string | undefined {
  const parts = /^(\d{4})(?:(\d\d)(\d\d)|[-/.年](\d{1,2})[-/.月](\d{1,2}))(?!\d)/.exec(text?.trim() ?? '')
  if (!parts) return undefined
  const [, year, compactMonth, compactDay, month = compactMonth ?? '', day = compactDay ?? ''] = parts
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}
