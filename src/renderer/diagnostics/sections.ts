/** The sections in their order, each with its key and its page. */
import type { Component } from 'vue'
import type { IconName } from '../design/svg-icon.vue'
import AuditSection from './audit-section.vue'
import CameraSection from './camera-section.vue'
import DevicesSection from './devices-section.vue'
import OutboxSection from './outbox-section.vue'
import OverviewSection from './overview-section.vue'
import PerformanceSection from './performance-section.vue'
import PlatformsSection from './platforms-section.vue'
import SettingsSection from './settings-section.vue'
import SupportSection from './support-section.vue'
import type { SectionId } from './diagnostics-types.ts'

export type Section = { readonly id: SectionId; readonly key: string; readonly icon: IconName; readonly page: Component }

export const SECTIONS: readonly Section[] = [
  { id: 'overview', key: 'F1', icon: 'terminal', page: OverviewSection },
  { id: 'devices', key: 'F2', icon: 'scanner', page: DevicesSection },
  { id: 'camera', key: 'F3', icon: 'camera', page: CameraSection },
  { id: 'platforms', key: 'F4', icon: 'platform', page: PlatformsSection },
  { id: 'outbox', key: 'F5', icon: 'outbox', page: OutboxSection },
  { id: 'performance', key: 'F6', icon: 'clock', page: PerformanceSection },
  { id: 'settings', key: 'F7', icon: 'edit', page: SettingsSection },
  { id: 'audit', key: 'F8', icon: 'card', page: AuditSection },
  { id: 'support', key: 'F9', icon: 'tray', page: SupportSection },
]
