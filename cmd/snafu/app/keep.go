package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"snafu/bot"
)

// keep writes an export into the folder of exports.
func (a *App) keep(ctx context.Context, name string, content []byte) (bot.File, error) {
	return keepIn(a.o.Config.Exports.Dir)(ctx, name, content)
}

// keepIn writes exports into a folder, for the user alone as whom this runs. The
// name holds the beginning of the digest, so that an older export of the same
// incident stays; a half-written file never has that name.
func keepIn(dir string) func(context.Context, string, []byte) (bot.File, error) {
	return func(_ context.Context, name string, content []byte) (bot.File, error) {
		sum := sha256.Sum256(content)
		end := filepath.Ext(name)
		path := filepath.Join(dir, fmt.Sprintf("%s-%.4x%s", name[:len(name)-len(end)], sum, end))
		half := path + ".part"
		if err := os.WriteFile(half, content, 0o600); err != nil {
			return bot.File{}, fmt.Errorf("write an export: %w", err)
		}
		if err := os.Rename(half, path); err != nil {
			return bot.File{}, fmt.Errorf("write an export: %w", err)
		}
		return bot.File{Path: path, Bytes: int64(len(content)), SHA256: sum[:]}, nil
	}
}
