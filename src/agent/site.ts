/** `terminal` and `hospital` of the settings, as requests are filled from them. */
import type { Site } from '../transcode/platforms/platform.ts'
import type { Settings } from './settings.ts'

export function siteOf({ terminal, hospital }: Settings): Site {
  return {
    terminal: {
      id: terminal.id,
      mode: terminal.mode,
      cityNo: terminal.cityNo ?? '',
      medicalStep: terminal.medicalStep,
      channel: terminal.channel,
      ...(terminal.sceneCode === undefined ? {} : { sceneCode: terminal.sceneCode }),
      ...(terminal.department === undefined ? {} : { department: terminal.department }),
    },
    ...(hospital
      ? {
          hospital: {
            id: hospital.id ?? '',
            code: hospital.code ?? '',
            name: hospital.name ?? '',
            cityCode: hospital.cityCode ?? '',
            cityName: hospital.cityName ?? '',
            ...(hospital.insuranceCode === undefined ? {} : { insuranceCode: hospital.insuranceCode }),
          },
        }
      : {}),
  }
}

/** 粤健通's code may be a link that only the settings know. */
export function entryUrls(settings: Settings): { yuejiantongEntryUrl?: string } {
  const section = settings.platforms['yuejiantong'] as { entryUrl?: string } | undefined
  return section?.entryUrl ? { yuejiantongEntryUrl: section.entryUrl } : {}
}
