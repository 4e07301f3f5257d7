interface Question {
  title: string;
  text: string;
  yes: string;
  danger: boolean;
  answer: (yes: boolean) => void;
}

/** What is asked before something that cannot be taken back. */
class Confirm {
  question = $state.raw<Question | null>(null);

  ask(title: string, text: string, yes: string, danger = false): Promise<boolean> {
    this.question?.answer(false);
    return new Promise((done) => {
      this.question = {
        title, text, yes, danger,
        answer: (is) => {
          this.question = null;
          done(is);
        },
      };
    });
  }
}

export const confirm = new Confirm();
