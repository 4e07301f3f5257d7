import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Pages are entries of their own, so that the dashboard does not load the
// playground. public/.gitkeep is copied to dist, which is emptied first.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'], // light-dark()
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: ['index.html', 'playground.html'] },
  },
  server: { proxy: { '/simulator': 'http://127.0.0.1:8080', '/api': 'http://127.0.0.1:8080' } },
  test: { include: ['src/**/*.test.ts'] },
});
