package embedded

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// settings are the arguments of the postgres command after its data folder.
func (o Options) settings(socket string) []string {
	s := map[string]string{
		"listen_addresses":        "",
		"port":                    port,
		"unix_socket_directories": `"` + strings.ReplaceAll(socket, `"`, `""`) + `"`,
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"jit":                     "off",
		// A statement or a DETAIL in the log would put people's records there.
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
		"max_connections":         "60",
		"shared_buffers":          "128MB",
	}
	switch {
	case o.persistent():
	case o.Durable:
		s["max_wal_size"] = "8GB"
	default:
		s["fsync"], s["synchronous_commit"], s["full_page_writes"] = "off", "off", "off"
		s["autovacuum"] = "off"
		s["max_connections"] = "200"
		s["shared_buffers"] = "64MB"
		s["max_wal_size"] = "256MB"
		// Shared memory in the data folder goes with it, even after a SIGKILL.
		s["dynamic_shared_memory_type"] = "mmap"
	}
	if o.MaxConnections > 0 {
		s["max_connections"] = strconv.Itoa(o.MaxConnections)
	}
	maps.Copy(s, o.Settings)

	var args []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		args = append(args, "-c", name+"="+s[name])
	}
	return args
}

// quietly is the whole environment of the programs we start: nothing of the
// caller's may change how a server behaves.
func quietly(home string) []string {
	return []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + home}
}
