import { Component, type ReactNode } from "react";

interface Props {
  /** What the children show: another one is tried anew. */
  about: unknown;
  /** What stands in their place if they can't be drawn. */
  fallback: ReactNode;
  children: ReactNode;
}

interface State {
  about: unknown;
  isBroken: boolean;
}

/** Keeps what can't be drawn from taking the rest of the page with it. */
export class Boundary extends Component<Props, State> {
  state: State = { about: this.props.about, isBroken: false };

  static getDerivedStateFromError(): Partial<State> {
    return { isBroken: true };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.about === state.about ? null : { about: props.about, isBroken: false };
  }

  render() {
    return this.state.isBroken ? this.props.fallback : this.props.children;
  }
}
