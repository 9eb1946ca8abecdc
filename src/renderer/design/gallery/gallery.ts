/** Opens the gallery of the design system: `npm run design`; no screen loads it. */
import { createApp } from 'vue'
import '../base.css'
import '../../diagnostics/dark.css'
import GalleryPage from './gallery-page.vue'

createApp(GalleryPage).mount('#app')
