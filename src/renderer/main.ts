import { createApp } from 'vue'
import AppRoot from './app-root.vue'
import './design/base.css'

createApp(AppRoot).mount('#app')
