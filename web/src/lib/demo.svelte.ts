import { api } from './api';

/** Whether the server is the demo, which has a playground and Discord's files. */
class Demo {
  is = $state(false);

  constructor() {
    api.methods().then(
      (m) => (this.is = m.demo !== null),
      () => {}, // then it is taken for none
    );
  }
}

export const demo = new Demo();
