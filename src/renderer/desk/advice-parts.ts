/** What staff do, and apart from it what they may tell the patient, as the tables of return codes join them. */
export function adviceParts(advice: string): { staff: string; patient: string } {
  const [, staff = '', patient = ''] = /^(.*?)(可告诉患者：.*)?$/s.exec(advice) ?? []
  return { staff, patient }
}
