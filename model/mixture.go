package model

import (
	"fmt"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// Prior is the distribution that latent points are drawn from to see something new.
func (m *Model) Prior() latent.Prior {
	if m.Mixture != nil {
		return m.Mixture
	}
	return latent.Normal(m.LatentSteps)
}

func (m *Model) checkMixture() error {
	if m.Mixture == nil {
		return nil
	}
	if err := m.Mixture.Check(m.Latent); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if m.Mixture.Steps != m.LatentSteps {
		return fmt.Errorf("model: a mixture of %d latent steps a unit, not %d", m.Mixture.Steps, m.LatentSteps)
	}
	return nil
}

func (m *Model) mixtureTensors() []safetensors.Tensor {
	if m.Mixture == nil {
		return nil
	}
	n := len(m.Mixture.Shares)
	return []safetensors.Tensor{
		safetensors.New("mixture.share", m.Mixture.Shares, n),
		safetensors.New("mixture.mean", m.Mixture.Means, n, m.Latent),
		safetensors.New("mixture.factor", m.Mixture.Factor, latent.Triangle(m.Latent)),
	}
}

// takeMixture removes the mixture from the tensors left.
func (m *Model) takeMixture(left map[string]safetensors.Tensor) (err error) {
	if m.Mixture == nil {
		return nil
	}
	n := len(m.Mixture.Shares)
	if m.Mixture.Shares, err = take[int16](left, "mixture.share", n); err != nil {
		return err
	}
	if m.Mixture.Means, err = take[int16](left, "mixture.mean", n, m.Latent); err != nil {
		return err
	}
	m.Mixture.Factor, err = take[int16](left, "mixture.factor", latent.Triangle(m.Latent))
	return err
}
