@rem npm scripts begin with `exec`, so that a signal to npm reaches the terminal itself; cmd.exe has no such word and finds this.
@%*
