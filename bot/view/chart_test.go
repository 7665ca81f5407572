package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var ten = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

func point(minutes int, touched, wrong int64) GrowthPoint {
	return GrowthPoint{At: ten.Add(time.Duration(minutes) * time.Minute), Touched: touched, Wrong: wrong}
}

func growing(points ...GrowthPoint) GrowthChart {
	return GrowthChart{Incident: 42, Unit: "leads", Run: "weekly-42", Points: points}
}

func story() GrowthChart {
	return growing(point(0, 2500, 750), point(5, 2612, 862), point(12, 2926, 1176), point(31, 2926, 1169), point(44, 2926, 402), point(52, 2926, 0))
}

func bars(left ...int64) SharesChart {
	s := SharesChart{Incident: 42, Unit: "leads", Run: "weekly-42", At: ten}
	for i, label := range []string{"Prospect -> SQL", "Nurturing -> SQL", "MQL -> SQL", "SQL -> SQL"} {
		s.Bars = append(s.Bars, ShareBar{Label: label, Total: []int64{500, 676, 1000, 750}[i], Left: left[i]})
	}
	return s
}

// pictures are the moments that are drawn, by the name of their golden file.
func pictures() map[string]interface {
	PNG() ([]byte, error)
	SVG() ([]byte, error)
	Words() string
} {
	hostile := bars(497, 672, 0, 0)
	hostile.Bars[0].Label = "<!channel> `x` \u202e & a status that somebody made so long that it leaves the picture at its right end -> SQL"
	return map[string]interface {
		PNG() ([]byte, error)
		SVG() ([]byte, error)
		Words() string
	}{
		"growth-story":     story(),
		"growth-one-count": growing(point(0, 2500, -1)),
		"growth-undecided": growing(point(0, 2500, -1), point(7, 2926, -1)),
		"growth-days":      growing(point(0, 120, 120), point(60*40, 1_200_345, 1_200_345), point(60*90, 1_200_345, 1_100_000)),
		"shares-story":     bars(497, 672, 0, 0),
		"shares-undecided": bars(-1, -1, -1, -1),
		"shares-hostile":   hostile,
		"shares-none":      SharesChart{Incident: 42, Unit: "leads", Run: "weekly-42", At: ten},
	}
}

func TestPicturesSayWhatTheyShow(t *testing.T) {
	t.Parallel()
	for name, p := range pictures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			svg, err := p.SVG()
			require.NoError(t, err)
			file := filepath.Join("testdata", "charts", name+".svg")
			got := fmt.Sprintf("<!-- %s -->\n%s\n", p.Words(), bytes.ReplaceAll(svg, []byte("><"), []byte(">\n<")))
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "run with -update and look at the picture")
			require.LessOrEqual(t, units(p.Words()), 1000, "Slack's limit for a file's alternative text")

			raw, err := p.PNG()
			require.NoError(t, err)
			image, err := png.Decode(bytes.NewReader(raw))
			require.NoError(t, err)
			require.Equal(t, 800, image.Bounds().Dx())
			require.GreaterOrEqual(t, image.Bounds().Dy(), 250)
			require.Less(t, len(raw), 200<<10, "a phone may be on a bad connection")
		})
	}
}

var placed = regexp.MustCompile(`<text x="(\d+)" y="(\d+)"[^>]*>([^<]*)</text>`)

// where finds a text of a picture.
func where(t *testing.T, svg []byte, text string) (x, y int) {
	t.Helper()
	for _, m := range placed.FindAllSubmatch(svg, -1) {
		if string(m[3]) == text {
			x, _ = strconv.Atoi(string(m[1]))
			y, _ = strconv.Atoi(string(m[2]))
			return x, y
		}
	}
	t.Fatalf("no %q in %s", text, svg)
	return 0, 0
}

func TestTheAxisOfCountsBeginsAtZeroHoweverSmallTheChange(t *testing.T) {
	t.Parallel()
	svg, err := growing(point(0, 2920, -1), point(5, 2926, -1)).SVG()
	require.NoError(t, err)
	_, zero := where(t, svg, "0")
	_, two := where(t, svg, "2,000")
	_, three := where(t, svg, "3,000")
	require.InDelta(t, (zero-three)*2, (zero-two)*3, 6, "half the number is half the height")
}

func TestBarsShareOneScaleFromZero(t *testing.T) {
	t.Parallel()
	raw, err := bars(-1, -1, -1, -1).PNG()
	require.NoError(t, err)
	image, err := png.Decode(bytes.NewReader(raw))
	require.NoError(t, err)
	var long []int
	for i := range 4 {
		n, y := 0, sharesHead+i*shareRow+60
		for x := range 800 {
			if r, g, b, _ := image.At(x, y).RGBA(); r>>8 == uint32(blue.R) && g>>8 == uint32(blue.G) && b>>8 == uint32(blue.B) {
				n++
			}
		}
		long = append(long, n)
	}
	require.InDelta(t, 500*long[2]/1000, long[0], 4)
	require.InDelta(t, 676*long[2]/1000, long[1], 4)
	require.InDelta(t, 750*long[2]/1000, long[3], 4)
}

func TestTicksAreRoundAndReachOverTheHighest(t *testing.T) {
	t.Parallel()
	for most, want := range map[int64][]int64{
		0: {0, 1}, 1: {0, 1, 2}, 4: {0, 1, 2, 3, 4, 5}, 2926: {0, 1000, 2000, 3000}, 1_200_345: {0, 500_000, 1_000_000, 1_500_000},
	} {
		require.Equal(t, want, countTicks(most), most)
	}
	for span, want := range map[time.Duration]string{
		0: "10:00", 20 * time.Second: "10:00:00", 3 * time.Minute: "10:00", 90 * time.Minute: "10:00", 5 * 24 * time.Hour: "6 Jan",
	} {
		ticks, layout := timeTicks(ten, ten.Add(span))
		require.NotEmpty(t, ticks)
		require.LessOrEqual(t, len(ticks), mostTimes+1)
		require.Equal(t, want, ticks[0].Format(layout), span)
	}
}

func TestAMessageOfPicturesFitsSlackWhateverTheyAreCalled(t *testing.T) {
	t.Parallel()
	g := story()
	g.Run = strings.Repeat("<!channel>&", 400)
	m := Pictures([]Image{{File: "F1", Title: strings.Repeat("T", 400), Words: g.Words()}, {File: "F2", Title: "Two", Words: bars(-1, -1, -1, -1).Words()}})
	require.LessOrEqual(t, units(m.Text), maxMessageText)
	require.NotContains(t, m.Text, "<!channel>")
	raw, err := json.Marshal(m.Blocks)
	require.NoError(t, err)
	var blocks []struct {
		Type     string
		Alt      string `json:"alt_text"`
		Title    struct{ Text string }
		Elements []struct{ Text string }
	}
	require.NoError(t, json.Unmarshal(raw, &blocks))
	require.Len(t, blocks, 3)
	require.LessOrEqual(t, units(blocks[0].Elements[0].Text), maxSectionText)
	require.NotContains(t, blocks[0].Elements[0].Text, "<!channel>")
	for _, b := range blocks[1:] {
		require.Equal(t, "image", b.Type)
		require.LessOrEqual(t, units(b.Alt), 1000)
		require.LessOrEqual(t, units(b.Title.Text), maxHeader)
	}
}

func TestPicturesAreDrawnSideBySide(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := growing(point(0, 10, 5), point(15, 20, 9)).PNG()
			assert.NoError(t, err)
		})
	}
	all.Wait()
}
