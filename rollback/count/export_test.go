package count

// Waiting is how many wait for the answer to a count that others have asked for.
func (c *Count) Waiting() (n int) {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	for _, f := range c.flights.of {
		n += f.waiting
	}
	return n
}
