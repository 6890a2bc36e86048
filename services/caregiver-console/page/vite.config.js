import { defineConfig } from "vite";

import { recordedStates } from "./dev/recorded.js";

// `npm run dev` answers with recorded states; with CONSOLE=http://127.0.0.1:8090 it asks that server.
const server = process.env.CONSOLE;

export default defineConfig({
  plugins: server ? [] : [recordedStates()],
  build: { target: "es2022", assetsInlineLimit: 0 },
  server: server
    ? { proxy: { "/api": { target: server, ws: true } } }
    : {},
});
