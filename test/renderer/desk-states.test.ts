import { checkDeskStates } from './desk-check.ts'

checkDeskStates({ all: false })
