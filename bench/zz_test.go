package bench
import ("testing";"time";"os";"fmt";"slices";"strings"
"github.com/vae-edge/vae-edge/decoder";"github.com/vae-edge/vae-edge/kernels";"github.com/vae-edge/vae-edge/model")
func TestZZ(t *testing.T){
 nets:=strings.Split(os.Getenv("NETS"),","); bes:=strings.Split(os.Getenv("BES"),","); ops:=strings.Split(os.Getenv("OPS"),",")
 for _,nn:=range nets { m,err:=decoder.Open(nn); if err!=nil{t.Fatal(err)}
  for _,bn:=range bes { be,err:=kernels.Select(bn); if err!=nil{t.Fatal(err)}
   for _,op:=range ops {
    macs:=0; var run func(); per:=1
    b:=&testing.B{}
    switch op {
    case "decode1": d,_:=decoder.NewOn(m,be); p:=points(m,225); pic:=make([]uint8,m.PictureSize()); i:=0
      run=func(){ d.Decode(pic,p[i*m.Latent:][:m.Latent]); i=(i+1)%225 }; macs=m.MACs()
    case "decode4": d,_:=decoder.NewOn(m,be); p:=points(m,4); pic:=make([]uint8,4*m.PictureSize()); 
      run=func(){ d.DecodeBatch(pic,p,1) }; macs=4*m.MACs(); per=4
    case "dense1","dense4": l:=m.Decoder[0]; d,_:=be.NewLeakyDense(m.Latent,shape(l.Out),l.Slope,l.Weight,l.Bias,l.Scale)
      maps,p:=newMaps(shape(l.Out),kernels.Layout{Pitch:l.Out[2],Border:1}),points(m,4); macs=len(l.Weight)
      run=func(){ d.Run(maps[0],p[:m.Latent]) }
      if op=="dense4" { per=4; macs*=4; run=func(){ d.RunBatch(maps[:4],p) } }
    case "convt": s,l,in:=firstTransposed(b,m); c:=newConvolution(b,be,s,l,in); macs=c.macs
      dst:=newMaps(c.Out,kernels.Layout{Pitch:c.Out.Channels,Border:1})
      run=func(){ c.Run(kernels.Output{Map:dst[0]},c.src[0]) }
    case "last": i:=len(m.Decoder)-1; c:=newConvolution(b,be,model.Slopes(m.Decoder,i),&m.Decoder[i],m.Decoder[i-1].Out); macs=c.macs
      pic:=make([]uint8,m.PictureSize())
      run=func(){ c.Run(kernels.Output{Pixels:pic,Table:m.Table},c.src[0]) }
    }
    run(); run()
    t0:=time.Now(); run(); d:=time.Since(t0)
    t0=time.Now(); run(); d=min(d,time.Since(t0))
    n:=max(1,int(60*time.Microsecond/(d+1)))
    var ra,ops,lims,pr []float64
    ln:=1200
    for r:=0;r<600;r++ {
      t0:=time.Now(); for k:=0;k<n;k++ {run()}; a:=float64(time.Since(t0).Nanoseconds())/float64(n)
      t0=time.Now(); lm:=be.PeakLoop(ln); l:=float64(lm)/float64(time.Since(t0).Nanoseconds())
      ops=append(ops,a/float64(per)); lims=append(lims,l); ra=append(ra,float64(macs)/a/l*100)
      if be.PeakPairsLoop(1)>0 { t0=time.Now(); lm:=be.PeakPairsLoop(ln); pr=append(pr,float64(lm)/float64(time.Since(t0).Nanoseconds())) }
    }
    slices.Sort(ops); slices.Sort(lims); slices.Sort(ra); slices.Sort(pr)
    N:=len(ops)
    o:=fmt.Sprintf("%-8s %-10s %-8s ns %8.0f (p20 %8.0f)  lim %6.1f  min/max %5.1f%%  med %5.1f%%",nn,bn,op,ops[2],ops[N/5],lims[N-3],float64(macs)/float64(per)/ops[2]/lims[N-3]*100,ra[N/2])
    if pr!=nil { o+=fmt.Sprintf("  pairs %5.1f%%",float64(macs)/float64(per)/ops[2]/pr[N-3]*100) }
    fmt.Println(o)
 }}}
}
