package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/studio/server"
	"github.com/limner-ai/limner/studio/work/place"
)

// serveFlags are those of the command line.
type serveFlags struct {
	server.Options
	pressFlags
	sets    []string
	grace   time.Duration
	asJSON  bool
	verbose bool
}

func newServe() *cobra.Command {
	var o serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the studio: a web page, and the APIs that clients of others speak",
		Long: `Serve the studio: a web page, and the APIs that clients of others speak.

It listens on this computer alone. To let others in, make an API key first, with
limner keys add NAME, and give --listen. Ctrl-C ends what is under way, or puts
it back into the queue when --grace has passed; a second one kills.`,
		Example: `  limner serve
  limner keys add ann --rate 60/min && limner serve --listen 0.0.0.0:7860 --tls-cert cert.pem --tls-key key.pem`,
		Args: args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	f := c.Flags()
	f.StringVar(&o.Listen, "listen", "127.0.0.1:7860", "address and port; port 0 takes a free one")
	f.StringArrayVar(&o.Hosts, "host", nil, "name by which the server may be asked, beside localhost (may be repeated)")
	f.BoolVar(&o.Require, "require-key", false, "ask for an API key on the loopback interface too, as behind a proxy")
	f.StringVar(&o.Cert, "tls-cert", "", "certificate file, for https")
	f.StringVar(&o.Key, "tls-key", "", "key file of the certificate")
	f.StringArrayVar(&o.sets, "set", nil, "folder of pictures to offer for training, as NAME=FOLDER (may be repeated)")
	f.IntVar(&o.Threads, "threads", 0, "threads to use; 0: one a processor")
	f.DurationVar(&o.grace, "grace", 20*time.Second, "time that work under way has to end after Ctrl-C")
	f.BoolVar(&o.asJSON, "json", false, "write the log as JSON")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log more")
	o.pressFlags.register(f)
	c.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	return c
}

func (o *serveFlags) run(c *cobra.Command) error {
	if o.Threads < 0 || o.grace < 0 {
		return usagef("--threads and --grace are not negative")
	}
	level := &slog.HandlerOptions{}
	if o.verbose {
		level.Level = slog.LevelDebug
	}
	o.Log = slog.New(slog.NewTextHandler(c.ErrOrStderr(), level))
	if o.asJSON {
		o.Log = slog.New(slog.NewJSONHandler(c.ErrOrStderr(), level))
	}
	o.Places, o.Models = place.Default(), modelFolders()
	o.Places.Sets = append(o.Places.Sets, o.Places.Home.Path("sets"))
	for _, text := range o.sets {
		if err := o.Places.Name(text); err != nil {
			return usagef("--set: %w", err)
		}
	}
	var err error
	if o.Press, err = o.press(); err != nil {
		return err
	}
	defer enter(o.Press, func(err error) { o.Log.Warn("a picture is not in the ledger", "error", err) }).close()
	ctx, stop := interruptible(c.Context(), func() {
		o.Log.Info("stopping; Ctrl-C again kills", "grace", o.grace.String())
	})
	defer stop()
	s, err := server.Open(ctx, o.Options)
	if err != nil {
		return err
	}
	l, err := s.Listen()
	if err != nil {
		s.Close(context.WithoutCancel(ctx))
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), o.address(l))
	return s.Serve(ctx, l, o.grace)
}

// address is what a browser is to be pointed at.
func (o *serveFlags) address(l net.Listener) string {
	scheme := "http"
	if o.Cert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
