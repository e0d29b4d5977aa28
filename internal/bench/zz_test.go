package bench
import ("testing";"fmt";"github.com/limner-ai/limner/engine/compile")
func TestZZ(t *testing.T){
 for _,n:=range networks{
  if n.name=="vae-dense" || n.name=="dcgan" {continue}
  m,err:=n.model(); if err!=nil{t.Fatal(err)}
  tr,err:=m.Training(n.batch); if err!=nil{t.Fatal(err)}
  for _,s:=range tr.Steps[:1]{
   var ups []compile.Update
   for _,u:=range s.Updates{ups=append(ups,compile.Update{State:u.State,Value:u.Value})}
   p,err:=compile.Compile(nil,ups); if err!=nil{t.Fatal(err)}
   fmt.Println(n.name,s.Name)
   compile.DumpPeak(p)
  }
 }
}
