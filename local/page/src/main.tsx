import "slack-blocks-to-jsx/dist/style.css";
import "./style/base.css";
import "./style/channel.css";
import "./style/panel.css";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Preferences } from "./preferences";

createRoot(document.getElementById("root")!).render(
  <Preferences>
    <App />
  </Preferences>,
);
