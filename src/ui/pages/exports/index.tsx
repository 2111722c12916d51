// The page `exports`.

export default function Page() {
  return <h1>exports</h1>
}
