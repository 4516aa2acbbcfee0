import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` shows the sources beside a running server: WEIR_URL=http://127.0.0.1:8080 npm run dev
const server = process.env.WEIR_URL ?? 'http://127.0.0.1:8080';
const fromServer = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig(({ command }) => ({
  // Relative addresses: the server tells the base path at run time.
  base: command === 'build' ? './' : '/',
  plugins: [
    react(),
    {
      // What the server fills in when it serves the built page.
      name: 'development-page',
      apply: 'serve',
      transformIndexHtml: { order: 'pre', handler: (html) => html.replace('__BASE_PATH__', '/') },
    },
  ],
  build: {
    target: 'es2022',
    sourcemap: false,
    // The lazy pages' editors and graphs are larger than the default warns at.
    chunkSizeWarningLimit: 1700,
    assetsInlineLimit: 0,
    manifest: true,
  },
  server: {
    proxy: {
      '/api': fromServer,
      '/artifacts': fromServer,
      '/flink-ui': fromServer,
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
    env: { TZ: 'UTC' },
  },
}));
