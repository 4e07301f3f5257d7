import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Writes config.json, which tells the dashboard where the API is: on its own origin,
 * unless API_BASE_URL says otherwise. The policy in netlify.toml must let it go there.
 */
function configuration(): Plugin {
  const text = process.env['API_BASE_URL'] ?? '';
  const base = text === '' ? '' : new URL(text).origin;
  const source = JSON.stringify({ api_base_url: base }) + '\n';
  return {
    name: 'configuration',
    generateBundle() {
      const allowed = /connect-src ([^;"]*)/.exec(readFileSync('../netlify.toml', 'utf8'))?.[1]?.split(' ') ?? [];
      if (base !== '' && !(allowed.includes("'self'") && allowed.includes(base))) {
        this.error(`API_BASE_URL is ${base}, and the policy in netlify.toml lets the dashboard call its own origin only. Add "connect-src 'self' ${base};" to it.`);
      }
      this.emitFile({ type: 'asset', fileName: 'config.json', source });
    },
    configureServer(server) {
      server.middlewares.use('/config.json', (_, answer) => {
        answer.setHeader('Content-Type', 'application/json');
        answer.end(source);
      });
    },
  };
}

/** Has Lucide's icons drawn by our own component. */
function icons(): Plugin {
  return {
    name: 'icons',
    enforce: 'pre',
    resolveId(source, importer) {
      return source === '../Icon.svelte' && importer?.includes('/@lucide/svelte/') ? new URL('src/ui/Icon.svelte', import.meta.url).pathname : null;
    },
  };
}

// Pages are entries of their own, so that the dashboard does not load the
// playground. public/.gitkeep is copied to dist, which is emptied first.
export default defineConfig({
  plugins: [icons(), svelte(), configuration()],
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'], // light-dark()
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: ['index.html', 'playground.html'],
      // What several screens share is a few files, not thirty small ones that a phone waits
      // for. None of them is the playground's, where the router and the session would act.
      output: {
        codeSplitting: {
          groups: [
            { name: 'svelte', test: /node_modules\/(svelte|esm-env|clsx)\//, priority: 3 },
            { name: 'common', test: /src\/lib\/(bidi|look|theme\.svelte|time)\.ts/, priority: 2 },
            { name: 'message', test: /src\/(components\/|lib\/(commands|files|markdown)\.ts)/, minShareCount: 2, priority: 2 },
            { name: 'shared', test: /src\/(lib\/|ui\/(?!Chart|DiscordPreview))|@lucide\/svelte/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/simulator': 'http://127.0.0.1:8080', '/api': 'http://127.0.0.1:8080' } },
  test: { include: ['src/**/*.test.ts'] },
});
