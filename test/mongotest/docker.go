package mongotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	defaultImage     = "mongo:8"
	mongoPort        = "27017/tcp"
	engineTimeout    = 5 * time.Second  // for a Docker engine to answer at all
	pullStall        = 20 * time.Second // for a pull without any progress
	pullTimeout      = 5 * time.Minute  // for a pull in all
	containerTimeout = time.Minute      // from an image that is there to a server that answers
)

// startContainer starts a replica set of one in a Docker container.
// It returns a *missingError when there is no Docker engine or no image.
func startContainer() (*Server, func() error, error) {
	// testcontainers tells at length what it does; tests want to hear of failures only.
	quiet := log.NewNoopLogger()
	log.SetDefault(quiet)
	image := os.Getenv("TEST_MONGO_IMAGE")
	if image == "" {
		image = defaultImage
	}
	if err := ensureImage(image); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), containerTimeout)
	defer cancel()
	running, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: mongoRequest(image),
		Started:          true,
		Logger:           quiet,
	})
	stop := func() error {
		return testcontainers.TerminateContainer(running, testcontainers.StopTimeout(0))
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("start image %s: %w", image, err), stop())
	}
	server, err := initiateContainer(ctx, running)
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return server, stop, nil
}

func mongoRequest(image string) testcontainers.ContainerRequest {
	return testcontainers.ContainerRequest{
		Image: image,
		Cmd: []string{
			"--replSet", replicaSetName,
			"--wiredTigerCacheSizeGB", "0.25",
			"--setParameter", "enableTestCommands=1", // configureFailPoint
		},
		ExposedPorts: []string{mongoPort},
		Tmpfs:        map[string]string{"/data/db": "rw"}, // as dataParent
		// The port alone proves nothing, since Docker's proxy accepts before mongod does. The check
		// from within the container is left out, since it needs a shell.
		WaitingFor: wait.ForAll(
			wait.ForLog("Waiting for connections"),
			wait.ForListeningPort(mongoPort).SkipInternalCheck(),
		),
	}
}

// initiateContainer makes the container's server the only member of a replica set, by its address
// inside the container. From outside only a direct connection finds it.
func initiateContainer(ctx context.Context, running testcontainers.Container) (*Server, error) {
	endpoint, err := running.PortEndpoint(ctx, mongoPort, "mongodb")
	if err != nil {
		return nil, err
	}
	uri := endpoint + "/?directConnection=true"
	if err := waitReady(ctx, uri, "127.0.0.1:27017"); err != nil {
		return nil, err
	}
	return &Server{Name: string(Docker), URI: uri, ReplicaSet: true}, nil
}

// ensureImage pulls the image unless the engine has it already.
func ensureImage(image string) error {
	ctx, cancel := context.WithTimeout(context.Background(), pullTimeout)
	defer cancel()
	engine, err := engine()
	if err != nil {
		return &missingError{remedy: fmt.Sprintf("start a Docker engine, or name one in DOCKER_HOST (%v)", err)}
	}
	defer engine.Close()
	if _, err := engine.ImageInspect(ctx, image); err == nil {
		return nil
	}
	if err := pull(ctx, engine, image); err != nil {
		return &missingError{remedy: fmt.Sprintf("get the image %s, or name another in TEST_MONGO_IMAGE (%v)", image, err)}
	}
	return nil
}

// engine returns a client of the Docker engine that testcontainers finds.
// A socket where nobody answers is given up after a bounded time.
func engine() (client.APIClient, error) {
	type result struct {
		client client.APIClient
		err    error
	}
	found := make(chan result, 1)
	go func() {
		provider, err := testcontainers.NewDockerProvider()
		if err != nil {
			found <- result{err: err}
			return
		}
		found <- result{client: provider.Client()}
	}()
	select {
	case r := <-found:
		return r.client, r.err
	case <-time.After(engineTimeout):
		return nil, fmt.Errorf("no answer within %v", engineTimeout)
	}
}

// pull fetches an image. It gives up when nothing moves any more, as on a machine that reaches no registry.
func pull(ctx context.Context, engine client.APIClient, image string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(pullStall, func() { cancel(fmt.Errorf("no progress for %v", pullStall)) })
	defer stalled.Stop()
	response, err := engine.ImagePull(ctx, image, client.ImagePullOptions{})
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	defer response.Close()
	for message, err := range response.JSONMessages(ctx) {
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		if message.Error != nil {
			return message.Error
		}
		stalled.Reset(pullStall)
	}
	return nil
}
