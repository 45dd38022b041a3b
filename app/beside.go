package app

// beside begins work in a goroutine of its own. What it returns waits for the end of the
// work and returns its result, or panics if the work did. It must be called, once.
func beside[T any](work func() (T, error)) (wait func() (T, error)) {
	var (
		result   T
		err      error
		panicked any
	)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		result, err = work()
	}()
	return func() (T, error) {
		if <-done; panicked != nil {
			panic(panicked)
		}
		return result, err
	}
}
