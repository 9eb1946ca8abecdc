import { checkKioskStates } from './kiosk-check.ts'

checkKioskStates({ pictures: false })
