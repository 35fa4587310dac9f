import "slack-blocks-to-jsx/dist/style.css";
import "./style/base.css";
import "./style/channel.css";
import "./style/panel.css";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Preferences } from "./preferences";

// What couldn't be drawn is told in the page; the console has the cause.
const onCaughtError = (error: unknown) => console.warn(error);

createRoot(document.getElementById("root")!, { onCaughtError }).render(
  <Preferences>
    <App />
  </Preferences>,
);
