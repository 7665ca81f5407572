package main

import (
	"os"
	"os/exec"
	"runtime"
)

// browse opens a page for whoever sits at a terminal with a screen. Elsewhere,
// and if it fails, the printed address is enough.
func (c console) browse(url string) {
	opener := c.opener(runtime.GOOS)
	if opener == nil || !c.terminal() {
		return
	}
	cmd := exec.CommandContext(c.ctx, opener[0], append(opener[1:], url)...) //nolint:gosec // one of the three commands below
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}

// opener is the system's command that opens an address, nil without a screen.
func (c console) opener(system string) []string {
	switch system {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	for _, name := range []string{"WAYLAND_DISPLAY", "DISPLAY"} {
		if screen, _ := c.env(name); screen != "" {
			return []string{"xdg-open"}
		}
	}
	return nil
}

// terminal tells a person's terminal from a file or a pipe.
func (c console) terminal() bool {
	file, ok := c.out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
