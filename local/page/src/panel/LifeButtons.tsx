import { usePreferences } from "../preferences";
import { fill } from "../words";
import { tell, type Event } from "./api";
import type { Act } from "./useActions";

const STEPS = ["resolve", "suppress", "archive", "reopen"];

export function LifeButtons({ event, act, isBusy }: { event: Event; act: Act; isBusy: boolean }) {
  const { words } = usePreferences();
  const advance = (step: string) =>
    act(async () => {
      const { rule } = await tell<{ rule: string | null }>("advance", { event, step });
      return rule ? fill(words.advanced, { step: words.stepNames[step]! }) : words.droppedOnly;
    });
  return (
    <section aria-labelledby="life-title">
      <h3 id="life-title">{words.life}</h3>
      <p className="hint">{words.lifeHint}</p>
      <div className="actions">
        {STEPS.map((step) => (
          <button key={step} type="button" title={words.stepTitles[step]} disabled={isBusy} onClick={() => advance(step)}>
            {words.stepNames[step]}
          </button>
        ))}
      </div>
    </section>
  );
}
