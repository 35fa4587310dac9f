import { defineConfig, type Plugin } from "vite";

// slack-blocks-to-jsx gives every message the same id and hangs its styles on it. The page draws many messages, so the
// styles hang on the class instead, three times over, to weigh at least as much as the library's own resets.
const stylesByClass: Plugin = {
  name: "styles-by-class",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("slack-blocks-to-jsx") || !id.endsWith(".css")) return null;
    return { code: code.replaceAll("#slack_blocks_to_jsx", ".slack_blocks_to_jsx".repeat(3)), map: null };
  },
};

export default defineConfig({
  plugins: [stylesByClass],
  base: "./", // the page lies under an address of its own in each run
  build: {
    chunkSizeWarningLimit: 2000, // it comes from this machine
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
